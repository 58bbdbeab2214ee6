import { parseDomain, type Domain } from "../base/domain-name.ts";
import type { DnsAnswer, RecordData, RecordType, SignatureTimes, SoaRecord } from "./answer.ts";
import { CNAME_CHAIN_MAX, TTL_MAX_S } from "./limits.ts";
import type { DnsMessage } from "./message.ts";
import { UNUSABLE } from "./record-data.ts";
import { TYPE_CODES } from "./record-types.ts";

const NOERROR = 0;
const NXDOMAIN = 3;
const RCODES: Readonly<Record<number, string>> = { 1: "formerr", 2: "servfail", 4: "notimp", 5: "refused" };

/** What a response means for the question that was asked; aliases inside it are followed. RFC 1034 §4.3.2, 2308 */
export function interpret<T extends RecordType>(
  message: DnsMessage,
  name: Domain,
  type: T,
  trusted: boolean,
): DnsAnswer<RecordData[T]> {
  const authenticated = trusted && message.authenticated;
  if (message.rcode !== NOERROR && message.rcode !== NXDOMAIN) {
    return { kind: "failure", reason: RCODES[message.rcode] ?? `rcode-${message.rcode}` };
  }
  const chain = followAliases(message, name, type);
  if (chain === undefined) return { kind: "failure", reason: "alias-loop" };
  const found = message.answers.filter((record) => record.type === type && record.name === chain.name);
  if (found.length === 0) {
    return {
      kind: message.rcode === NXDOMAIN ? "nxdomain" : "nodata",
      ttl_s: negativeTtl(message),
      authenticated,
    };
  }
  const records = found.map((record) => record.data).filter((data) => data !== UNUSABLE) as RecordData[T][];
  const ttl_s = Math.min(TTL_MAX_S, chain.ttl_s, ...found.map((record) => record.ttl_s));
  const signature = firstToEnd(message, chain.name, type);
  return { kind: "records", records, ttl_s, authenticated, ...(signature && { signature }) };
}

/** Of the signatures over these records the one that ends first, in serial arithmetic (RFC 1982). */
function firstToEnd(message: DnsMessage, name: string, type: RecordType): SignatureTimes | undefined {
  return message.answers
    .filter((record) => record.type === "RRSIG" && record.name === name && record.data !== UNUSABLE)
    .map(({ data }) => data as RecordData["RRSIG"])
    .filter(({ covered }) => covered === TYPE_CODES[type])
    .reduce<RecordData["RRSIG"] | undefined>(
      (first, one) => (first === undefined || ((one.ends_s - first.ends_s) | 0) < 0 ? one : first),
      undefined,
    );
}

/** The name at the end of the aliases; undefined when they run in a circle or too long. */
function followAliases(
  message: DnsMessage,
  name: Domain,
  type: RecordType,
): { name: string; ttl_s: number } | undefined {
  let current: string = name;
  let ttl_s = TTL_MAX_S;
  for (let steps = 0; type !== "CNAME"; steps++) {
    const alias = message.answers.find((record) => record.type === "CNAME" && record.name === current);
    if (alias === undefined) break;
    const target = typeof alias.data === "string" ? parseDomain(alias.data) : undefined;
    if (target === undefined || steps >= CNAME_CHAIN_MAX) return undefined;
    ttl_s = Math.min(ttl_s, alias.ttl_s);
    current = target;
  }
  return { name: current, ttl_s };
}

/** RFC 2308 §5: the smaller of the SOA's own TTL and its minimum; without SOA nothing is cached. */
function negativeTtl(message: DnsMessage): number {
  const soa = message.authority.find((record) => record.type === "SOA");
  return soa === undefined ? 0 : Math.min(TTL_MAX_S, soa.ttl_s, (soa.data as SoaRecord).minimum_s);
}
