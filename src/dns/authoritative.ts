import type { Clock } from "../base/clock.ts";
import type { Domain } from "../base/domain-name.ts";
import type { Dns, DnsAnswer, RecordData, RecordType } from "./answer.ts";
import { dnsClient } from "./client.ts";
import { DNS_PORT, NAME_SERVERS_MAX } from "./limits.ts";
import type { DnsServer } from "./transport.ts";

/** A zone and the servers that answer for it. */
export type ServedZone = {
  readonly zone: Domain;
  readonly servers: readonly DnsServer[];
  /** The same by the names of the servers; one may have several addresses, or none that is known. */
  readonly hosts: readonly { readonly name: Domain; readonly servers: readonly DnsServer[] }[];
};

/**
 * The zone that holds `name`, and every address of its servers. Parents are asked for as long as they have two labels:
 * top-level zones are not ours. `port` is 53 outside of tests.
 */
export async function servedZone(name: Domain, dns: Dns, port = DNS_PORT): Promise<ServedZone | undefined> {
  const labels = name.split(".");
  for (let cut = 0; cut <= labels.length - 2; cut++) {
    const zone = labels.slice(cut).join(".") as Domain;
    const answer = await dns.query(zone, "NS");
    if (answer.kind === "failure") return undefined;
    if (answer.kind !== "records") continue;
    const hosts: { name: Domain; servers: DnsServer[] }[] = [];
    for (const name of answer.records.slice(0, NAME_SERVERS_MAX)) {
      const servers: DnsServer[] = [];
      for (const type of ["A", "AAAA"] as const) {
        const found = await dns.query(name, type);
        if (found.kind === "records") servers.push(...found.records.map((address) => ({ address, port })));
      }
      hosts.push({ name, servers });
    }
    return { zone, servers: hosts.flatMap(({ servers }) => servers), hosts };
  }
  return undefined;
}

/** What one server itself says, past every cache. */
export const askServer = <T extends RecordType>(
  server: DnsServer,
  name: Domain,
  type: T,
  signal?: AbortSignal,
): Promise<DnsAnswer<RecordData[T]>> => dnsClient([server]).query(name, type, signal);

/** How often servers are asked whether they have what their primary has been told. */
const LOOK_MS = 500;

/** Waits until every server shows the text; false when the time is over. A server that does not answer is not waited for. */
export async function seenEverywhere(
  servers: readonly DnsServer[],
  name: Domain,
  text: string,
  clock: Clock,
  patience_ms: number,
): Promise<boolean> {
  for (const until_ms = clock.now() + patience_ms; ;) {
    const answers = await Promise.all(servers.map((server) => dnsClient([server]).query(name, "TXT")));
    const lacking = answers.filter(
      (answer) => answer.kind !== "failure" && !(answer.kind === "records" && answer.records.includes(text)),
    );
    if (lacking.length === 0) return true;
    if (clock.now() >= until_ms) return false;
    await clock.sleep(LOOK_MS);
  }
}
