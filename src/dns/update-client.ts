import { randomInt } from "node:crypto";
import type { Clock } from "../base/clock.ts";
import type { Domain } from "../base/domain-name.ts";
import { err, ok, type Result } from "../base/result.ts";
import { dnsClient } from "./client.ts";
import { UPDATE_MS } from "./limits.ts";
import { askTcp, type DnsServer } from "./transport.ts";
import { checkAnswer, signMessage, type TsigFault, type TsigKey } from "./tsig.ts";
import { encodeUpdate, updateRcode, type RecordChange } from "./update.ts";

/** Why a zone was not changed; `detail` in words of the DNS. */
export type ZoneFault = {
  readonly kind:
    | "unreachable"
    /** The server answers for no zone that holds the name. */
    | "no-zone"
    | "refused"
    | "bad-record"
    | Exclude<TsigFault, "malformed">
    | "failed";
  readonly detail: string;
};

/** Somebody who can change a zone of ours. One kind is here (RFC 2136); a provider's own interface would be another. */
export interface ZoneProvider {
  /** All changes of one zone or none; the zones one after the other. */
  change(changes: readonly RecordChange[]): Promise<Result<void, ZoneFault>>;
  /** The zone that holds a name, as far as this provider has it and can be reached. */
  zoneOf(name: Domain): Promise<Domain | undefined>;
}

export type UpdateServer = { readonly server: DnsServer; readonly key: TsigKey };

/** Dynamic updates, signed by TSIG, over TCP: an update may be long, and none shall be done twice. RFC 2136, RFC 8945 */
export function dynamicZones({ server, key }: UpdateServer, clock: Clock): ZoneProvider {
  const dns = dnsClient([server]);
  const find = async (name: Domain): Promise<Result<Domain, ZoneFault>> => {
    const labels = name.split(".");
    for (let cut = 0; cut < labels.length; cut++) {
      const candidate = labels.slice(cut).join(".") as Domain;
      const answer = await dns.query(candidate, "SOA");
      if (answer.kind === "records") return ok(candidate);
      // An authoritative server refuses to talk of zones it does not have.
      if (answer.kind === "failure" && answer.reason !== "refused")
        return err({ kind: "unreachable", detail: `${place(server)}: ${answer.reason}` });
    }
    return err({ kind: "no-zone", detail: name });
  };
  return {
    async zoneOf(name) {
      const found = await find(name);
      return found.ok ? found.value : undefined;
    },
    async change(changes) {
      const zones = new Map<Domain, RecordChange[]>();
      for (const change of changes) {
        const zone = await find(change.name);
        if (!zone.ok) return zone;
        zones.set(zone.value, [...(zones.get(zone.value) ?? []), change]);
      }
      for (const [zone, wanted] of zones) {
        const sent = await update(server, key, zone, wanted, clock);
        if (!sent.ok) return sent;
      }
      return ok(undefined);
    },
  };
}

async function update(
  server: DnsServer,
  key: TsigKey,
  zone: Domain,
  changes: readonly RecordChange[],
  clock: Clock,
): Promise<Result<void, ZoneFault>> {
  const id = randomInt(0x10000);
  const message = encodeUpdate(id, zone, changes);
  if (!message.ok)
    return err({
      kind: "bad-record",
      detail: `${message.error.name} ${message.error.type} ${message.error.data}`,
    });
  const { signed, mac } = signMessage(message.value, key, seconds(clock));
  const answer = await askTcp(server, signed, UPDATE_MS);
  if (answer.kind !== "packet")
    return err({ kind: "unreachable", detail: `${place(server)}: ${answer.kind}` });
  const rcode = updateRcode(answer.octets, id);
  if (rcode === undefined) return err({ kind: "failed", detail: "malformed" });
  const checked = checkAnswer(answer.octets, key, mac, seconds(clock));
  // A server that does not know the key, or refuses for another reason, cannot or need not sign (RFC 8945 §5.2).
  if (rcode !== "noerror") return err(refusal(rcode, checked.ok ? undefined : checked.error, zone));
  if (checked.ok) return ok(undefined);
  return err({ kind: checked.error === "malformed" ? "forged" : checked.error, detail: zone });
}

function refusal(rcode: string, fault: TsigFault | undefined, zone: Domain): ZoneFault {
  if (fault === "bad-key" || fault === "bad-signature" || fault === "bad-time" || fault === "bad-truncation")
    return { kind: fault, detail: zone };
  return {
    kind: rcode === "refused" || rcode === "notauth" ? "refused" : "failed",
    detail: `${zone}: ${rcode}`,
  };
}

const seconds = (clock: Clock): number => Math.floor(clock.now() / 1000);
const place = ({ address, port }: DnsServer): string => `${address} port ${port}`;
