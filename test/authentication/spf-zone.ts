/** A DNS in memory from the zone data of the RFC 7208 test suite. */
import { parseDomain } from "../../src/base/domain-name.ts";
import type { Dns, DnsAnswer, RecordData, RecordType } from "../../src/dns/answer.ts";

/** Name, type, data: a text, the strings of a TXT record, preference and host of an MX record, flags, tag and value of a CAA record. */
export type ZoneEntry = readonly [
  name: string,
  type: string,
  data: string | readonly (string | number)[] | null,
];

const CNAME_CHAIN_MAX = 8;

/** `asked` collects every question as `name TYPE`. */
export function zoneDns(entries: readonly ZoneEntry[], asked: string[] = []): Dns {
  const zone = Map.groupBy(withTextFromSpf(entries), ([name]) => name.toLowerCase());
  return {
    query<T extends RecordType>(name: string, type: T): Promise<DnsAnswer<RecordData[T]>> {
      asked.push(`${name} ${type}`);
      return Promise.resolve(answer(zone, name, type));
    },
  };
}

/** The same from a resolver that knows every answer already. */
export function knownDns(entries: readonly ZoneEntry[]): Dns {
  const zone = Map.groupBy(withTextFromSpf(entries), ([name]) => name.toLowerCase());
  return {
    known: (name, type) => answer(zone, name, type),
    query: () => Promise.reject(new Error("asked for what is known")),
  };
}

/** The suite writes SPF once for both types: it counts as TXT unless the name has TXT of its own. */
function withTextFromSpf(entries: readonly ZoneEntry[]): ZoneEntry[] {
  const haveText = new Set(entries.filter(([, type]) => type === "TXT").map(([name]) => name));
  return entries
    .filter(([, type, data]) => !(type === "TXT" && data === "NONE"))
    .map(([name, type, data]) => [name, type === "SPF" && !haveText.has(name) ? "TXT" : type, data]);
}

function answer<T extends RecordType>(
  zone: ReadonlyMap<string, readonly ZoneEntry[]>,
  name: string,
  type: T,
): DnsAnswer<RecordData[T]> {
  let current = name;
  for (let steps = 0; steps <= CNAME_CHAIN_MAX; steps++) {
    const here = zone.get(current);
    if (here === undefined) return { kind: "nxdomain", ttl_s: 60, authenticated: false };
    const found = here.filter((entry) => entry[1] === type);
    const alias = here.find((entry) => entry[1] === "CNAME");
    if (found.length > 0) {
      const records = found.map((entry) => decode(type, entry[2])) as RecordData[T][];
      return { kind: "records", records, ttl_s: 60, authenticated: false };
    }
    if (here.some((entry) => entry[1] === "TIMEOUT")) return { kind: "failure", reason: "timeout" };
    if (alias === undefined) return { kind: "nodata", ttl_s: 60, authenticated: false };
    current = String(alias[2]).toLowerCase();
  }
  return { kind: "failure", reason: "alias-loop" };
}

function decode(type: RecordType, data: ZoneEntry[2]): RecordData[RecordType] {
  if (type === "MX" && Array.isArray(data)) {
    const [preference, exchange] = data as [number, string];
    // The suite has hosts that are no host names; they travel as they are.
    return { preference, exchange: exchange.toLowerCase() as never };
  }
  if (type === "CAA" && Array.isArray(data)) {
    const [flags, tag, value] = data as [number, string, string];
    return { flags, tag, value };
  }
  if (type === "TXT") return Array.isArray(data) ? data.join("") : String(data ?? "");
  if (type === "PTR") return parseDomain(String(data)) ?? (String(data) as never);
  return String(data);
}
