import type { Domain } from "../base/domain-name.ts";
import type { Dns, DnsAnswer, TlsaRecord } from "../dns/answer.ts";
import { askServer, servedZone } from "../dns/authoritative.ts";
import type { TlsaSet, TlsaSight } from "./tlsa-rollover.ts";

/** Somebody who can say what TLSA records stand in the DNS at the moment. */
export interface TlsaWatch {
  look(signal?: AbortSignal): Promise<TlsaSight>;
}

export type Watched = {
  /** `_25._tcp.mx.example.org` and the like. */
  readonly owners: readonly Domain[];
  /** To find the servers of the zone, and where aliases lead. */
  readonly dns: Dns;
  /** Of these servers; 53 outside of tests. */
  readonly port?: number;
};

/**
 * Looks at every name on every server of its zone, where records stand with their full TTL and a change shows first; and
 * asks the resolver, who follows aliases into other zones.
 */
export const watchTlsa = ({ owners, dns, port }: Watched): TlsaWatch => ({
  async look(signal) {
    const sets: TlsaSet[] = [];
    for (const owner of owners) {
      const seen = await lookAt(owner, dns, port, signal);
      sets.push(...seen.sets);
      if (seen.unknown !== undefined) return { kind: "unknown", detail: seen.unknown, sets };
    }
    return { kind: "seen", sets };
  },
});

type Look = { readonly sets: readonly TlsaSet[]; readonly unknown?: string };

/** `unknown`: why the whole is not known. */
async function lookAt(
  owner: Domain,
  dns: Dns,
  port: number | undefined,
  signal: AbortSignal | undefined,
): Promise<Look> {
  const resolved = await dns.query(owner, "TLSA", signal);
  if (resolved.kind === "failure") return { sets: [], unknown: `${owner}: ${resolved.reason}` };
  const sets = [setOf(owner, resolved)];
  const zone = await servedZone(owner, dns, port);
  if (zone === undefined || zone.hosts.length === 0)
    return { sets, unknown: `${owner}: its name servers are not found` };
  for (const { name, servers } of zone.hosts) {
    const answers = await Promise.all(servers.map((server) => askServer(server, owner, "TLSA", signal)));
    const given = answers.filter((answer) => answer.kind !== "failure");
    // A host with an address we cannot reach is the same host; one that is silent may show others something old.
    if (given.length === 0) return { sets, unknown: `${owner}: ${name} does not answer` };
    sets.push(...given.map((answer) => setOf(owner, answer)));
  }
  return { sets };
}

/** That there is nothing forbids nothing, however long it is remembered. */
const setOf = (owner: Domain, answer: DnsAnswer<TlsaRecord>): TlsaSet =>
  answer.kind === "records"
    ? { owner, records: answer.records, ttl_s: answer.ttl_s }
    : { owner, records: [], ttl_s: 0 };
