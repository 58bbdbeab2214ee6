import type { Clock } from "../base/clock.ts";
import { parseDomain, type Domain } from "../base/domain-name.ts";
import { OperatorError } from "../base/operator-error.ts";
import type { Dns } from "../dns/answer.ts";
import { seenEverywhere, servedZone } from "../dns/authoritative.ts";
import type { ZoneFault, ZoneProvider } from "../dns/update-client.ts";
import type { ZoneEditor } from "./acme-dns01.ts";

/** Secondaries follow within seconds where they are notified (RFC 1996); two minutes are generous. */
const PROPAGATION_MS = 120_000;
/** No resolver of the authority shall remember the answer to the last challenge when it asks about the next. */
const CHALLENGE_TTL_S = 1;

export type ChangeableZone = {
  readonly provider: ZoneProvider;
  /** To find the servers that have to show the record. */
  readonly dns: Dns;
  /** Of these servers; 53 outside of tests. */
  readonly port?: number;
  readonly clock: Clock;
};

/** Challenge records by way of a zone provider; on show once every server of the zone has them. RFC 8555 §8.4 */
export const challengeZone = ({ provider, dns, port, clock }: ChangeableZone): ZoneEditor => {
  const change = async (kind: "add" | "remove", name: string, value: string): Promise<Domain> => {
    const record = parseDomain(name);
    if (record === undefined) throw refused({ kind: "no-zone", detail: name });
    const data = JSON.stringify(value);
    const made = await provider.change([{ kind, name: record, type: "TXT", ttl_s: CHALLENGE_TTL_S, data }]);
    if (!made.ok) throw refused(made.error);
    return record;
  };
  return {
    async addTxt(name, value) {
      const record = await change("add", name, value);
      const zone = await provider.zoneOf(record);
      const served = zone && (await servedZone(zone, dns, port));
      if (served && !(await seenEverywhere(served.servers, record, value, clock, PROPAGATION_MS)))
        throw new OperatorError(
          "dns-not-propagated",
          `Not every name server of ${served.zone} shows ${name} after ${PROPAGATION_MS / 1000} seconds.`,
          "Look at the zone transfers between the name servers; it is tried again by itself.",
        );
    },
    async removeTxt(name, value) {
      await change("remove", name, value);
    },
  };
};

const refused = ({ kind, detail }: ZoneFault): OperatorError =>
  new OperatorError(
    "dns-update-refused",
    `The zone could not be changed (${kind}): ${detail}.`,
    "Check dns.update: server, name of the key, algorithm and secret, and what the server's update-policy allows.",
  );
