/** What is asked of each name server beside its records: does it answer over IPv6. */
import type { Domain } from "../../base/domain-name.ts";
import { fine, unknown, warning, type Finding } from "../finding.ts";
import { DOCTOR_LIMITS } from "../limits.ts";
import type { Net } from "../probe.ts";
import { recordsOf } from "./answers.ts";
import { absent } from "../words/seen.ts";

/** Each name server that has an IPv6 address is asked there. Internet.nl IPv6-2 */
export async function overIpv6(domain: Domain, servers: readonly Domain[], net: Net): Promise<Finding> {
  const check = "ns-ipv6-reach";
  const asked: { readonly server: Domain; readonly answers: boolean }[] = [];
  let unfound: { readonly name: Domain; readonly reason: string } | undefined;
  for (const server of servers.slice(0, DOCTOR_LIMITS.hostsMax)) {
    const found = await net.dns.query(server, "AAAA");
    if (found.kind === "failure") unfound ??= { name: server, reason: found.reason };
    const [address] = recordsOf(found) ?? [];
    if (address === undefined) continue;
    const answers = net.hasIpv6 && (await net.dnsAt(address).query(domain, "MX")).kind !== "failure";
    asked.push({ server, answers });
  }
  const names = (answers: boolean): string =>
    asked
      .filter((one) => one.answers === answers)
      .map(({ server }) => server)
      .join(", ");
  if (asked.length === 0 && unfound !== undefined) return unknown(check, domain, "", "dns-failed", unfound);
  if (asked.length === 0) return unknown(check, domain, absent("AAAA"), "not-looked", { reason: "ns-ipv6" });
  if (!net.hasIpv6) return unknown(check, domain, "", "ns-no-ipv6-here", { servers: names(false), domain });
  const silent = names(false);
  if (silent === "" && unfound !== undefined)
    return unknown(check, domain, names(true), "dns-failed", unfound);
  if (silent === "") return fine(check, domain, names(true));
  // From here nobody can be asked: that may be our own firewall.
  return (names(true) === "" ? unknown : warning)(check, domain, silent, "ns-silent-ipv6", {
    servers: silent,
  });
}
