/** How long the signatures hold that name servers give with their answers: of the zone, and of where its mail goes. */
import type { Domain } from "../../base/domain-name.ts";
import { parseIp } from "../../base/ip.ts";
import type { Dns, DnsAnswer, RecordType, SignatureTimes } from "../../dns/answer.ts";
import { failure, fine, unknown, warning, type Finding } from "../finding.ts";
import { DOCTOR_LIMITS, signatureDays } from "../limits.ts";
import type { Net } from "../probe.ts";
import { seen, type Seen } from "../words/seen.ts";
import { below, recordsOf } from "./answers.ts";
import type { Said } from "./authorities.ts";
import { hostsOf } from "./mail-hosts.ts";
import { zoneOf, type Zone } from "./signed-zones.ts";

/** `what`: name and type of the records that are signed. */
export type Signed = { readonly what: string; readonly times: SignatureTimes };
type Question = readonly [name: Domain, type: RecordType];

/** Of all that this server answers, undefined where that is nothing; one that is silent once is not waited for again. */
export async function signaturesAt(
  dns: Dns,
  questions: readonly Question[],
): Promise<readonly Signed[] | undefined> {
  let found: Signed[] | undefined;
  for (const [name, type] of questions) {
    const answer = await dns.query(name, type);
    if (answer.kind === "failure") break;
    found = [...(found ?? []), ...signedOf([name, type], answer)];
  }
  return found;
}

export const signedOf = ([name, type]: Question, answer: DnsAnswer<unknown>): readonly Signed[] =>
  answer.kind === "records" && answer.signature !== undefined
    ? [{ what: `${name} ${type}`, times: answer.signature }]
    : [];

/** Where a name server is asked from here. */
export async function addressOf(server: Domain, net: Net): Promise<string | undefined> {
  const answers = [await net.dns.query(server, "A"), await net.dns.query(server, "AAAA")];
  return answers
    .flatMap((answer) => recordsOf(answer) ?? [])
    .find((address) => net.hasIpv6 || parseIp(address)?.family === 4);
}

/**
 * Addresses and TLSA records of the mail hosts, asked of the servers of their own zone: mail needs them as much as the MX.
 * A host of which no server told anything stands there without an answer.
 */
export async function ofMailHosts(domain: Domain, zone: Zone, net: Net): Promise<readonly Said[]> {
  const found: Said[] = [];
  const hosts = await hostsOf(domain, net);
  for (const host of (hosts.ok ? hosts.value : []).slice(0, DOCTOR_LIMITS.signedHostsMax)) {
    const own = await zoneOf(host, net);
    if (typeof own === "string") {
      found.push({ server: host, answer: undefined });
      continue;
    }
    const tlsa = below("_25._tcp", host);
    const questions: Question[] = [
      [host, "A"],
      [host, "AAAA"],
      ...(tlsa === undefined ? [] : [[tlsa, "TLSA"] as const]),
      // Those of our own zone were asked already.
      ...(own.apex === zone.apex ? [] : ([[own.apex, "DNSKEY"]] as const)),
    ];
    let isHeard = false;
    for (const server of own.servers.slice(0, DOCTOR_LIMITS.signedServersMax)) {
      const address = await addressOf(server, net);
      const signatures = address && (await signaturesAt(net.dnsAt(address), questions));
      if (signatures === undefined || signatures === "") continue;
      isHeard = true;
      found.push({ server, answer: "", signatures });
    }
    if (!isHeard) found.push({ server: host, answer: undefined });
  }
  return found;
}

const DAY_S = 86_400;

/** The signature that ends first, of all that the servers gave with their answers. RFC 6781 §4.4.2 */
export function freshness(
  domain: Domain,
  said: readonly Said[],
  ofHosts: readonly Said[],
  now_ms: number,
): Finding {
  const check = "dnssec-expiry";
  if (said.every(({ answer }) => answer === undefined))
    return unknown(check, domain, "", "not-looked", { reason: "ns-answers" });
  const all = [...said, ...ofHosts].flatMap(({ server, signatures = [] }) =>
    signatures.map(({ what, times }) => ({ server, what, ...agesOf(times, now_ms) })),
  );
  const unheard = ofHosts.find(({ answer }) => answer === undefined)?.server;
  const good = (evidence: Seen): Finding =>
    unheard === undefined
      ? fine(check, domain, evidence)
      : unknown(check, domain, evidence, "dns-failed", { name: unheard, reason: "no answer" });
  const [first] = all.sort((one, other) => one.left_s - other.left_s);
  if (first === undefined) return good(seen("unsigned"));
  const { server, what, left_s, life_s } = first;
  const date = `${new Date(now_ms + left_s * 1000).toISOString().slice(0, 16).replace("T", " ")} UTC`;
  const evidence = seen("server-until", { server, what, date });
  const values = { server, domain, date };
  const limits = signatureDays(life_s / DAY_S);
  if (left_s <= 0) return failure(check, domain, evidence, "signature-expired", values);
  if (left_s / DAY_S < limits.fail) return failure(check, domain, evidence, "signature-soon", values);
  return left_s / DAY_S < limits.warn
    ? warning(check, domain, evidence, "signature-soon", values)
    : good(evidence);
}

/** In serial arithmetic: what counts is the distance from now, modulo 2^32. RFC 4034 §3.1.5 */
function agesOf({ begins_s, ends_s }: SignatureTimes, now_ms: number): { left_s: number; life_s: number } {
  const now_s = Math.floor(now_ms / 1000);
  return { left_s: (ends_s - now_s) | 0, life_s: (ends_s - begins_s) | 0 };
}
