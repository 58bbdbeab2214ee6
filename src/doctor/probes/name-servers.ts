/** What is asked of each name server beside its records: does it answer over IPv6, and how long do its signatures hold. */
import type { Domain } from "../../base/domain-name.ts";
import type { SignatureTimes } from "../../dns/answer.ts";
import { failure, fine, unknown, warning, type Finding } from "../finding.ts";
import { DOCTOR_LIMITS, signatureDays } from "../limits.ts";
import type { Net } from "../probe.ts";
import type { Said } from "./authorities.ts";
import { recordsOf } from "./answers.ts";
import { absent, seen } from "../words/seen.ts";

/** Each name server that has an IPv6 address is asked there. Internet.nl IPv6-2 */
export async function overIpv6(domain: Domain, servers: readonly Domain[], net: Net): Promise<Finding> {
  const check = "ns-ipv6-reach";
  const asked: { readonly server: Domain; readonly answers: boolean }[] = [];
  for (const server of servers.slice(0, DOCTOR_LIMITS.hostsMax)) {
    const [address] = recordsOf(await net.dns.query(server, "AAAA")) ?? [];
    if (address === undefined) continue;
    const answers = net.hasIpv6 && (await net.dnsAt(address).query(domain, "MX")).kind !== "failure";
    asked.push({ server, answers });
  }
  const names = (answers: boolean): string =>
    asked
      .filter((one) => one.answers === answers)
      .map(({ server }) => server)
      .join(", ");
  if (asked.length === 0) return unknown(check, domain, absent("AAAA"), "not-looked", { reason: "ns-ipv6" });
  if (!net.hasIpv6) return unknown(check, domain, "", "ns-no-ipv6-here", { servers: names(false), domain });
  const silent = names(false);
  if (silent === "") return fine(check, domain, names(true));
  // From here nobody can be asked: that may be our own firewall.
  return (names(true) === "" ? unknown : warning)(check, domain, silent, "ns-silent-ipv6", {
    servers: silent,
  });
}

const DAY_S = 86_400;

/** The signature that ends first, of all that the servers gave with their answers. RFC 6781 §4.4.2 */
export function freshness(domain: Domain, said: readonly Said[], now_ms: number): Finding {
  const check = "dnssec-expiry";
  if (said.every(({ answer }) => answer === undefined))
    return unknown(check, domain, "", "not-looked", { reason: "ns-answers" });
  const all = said.flatMap(({ server, signatures = [] }) =>
    signatures.map((times) => ({ server, ...agesOf(times, now_ms) })),
  );
  const [first] = all.sort((one, other) => one.left_s - other.left_s);
  if (first === undefined) return fine(check, domain, seen("unsigned"));
  const { server, left_s, life_s } = first;
  const date = `${new Date(now_ms + left_s * 1000).toISOString().slice(0, 16).replace("T", " ")} UTC`;
  const evidence = seen("server-until", { server, date });
  const values = { server, domain, date };
  const limits = signatureDays(life_s / DAY_S);
  if (left_s <= 0) return failure(check, domain, evidence, "signature-expired", values);
  if (left_s / DAY_S < limits.fail) return failure(check, domain, evidence, "signature-soon", values);
  return left_s / DAY_S < limits.warn
    ? warning(check, domain, evidence, "signature-soon", values)
    : fine(check, domain, evidence);
}

/** In serial arithmetic: what counts is the distance from now, modulo 2^32. RFC 4034 §3.1.5 */
function agesOf({ begins_s, ends_s }: SignatureTimes, now_ms: number): { left_s: number; life_s: number } {
  const now_s = Math.floor(now_ms / 1000);
  return { left_s: (ends_s - now_s) | 0, life_s: (ends_s - begins_s) | 0 };
}
