/** Which hosts take mail for a domain, as the DNS says. RFC 5321 §5.1, RFC 7505; T-63 */
import type { Domain } from "../base/domain-name.ts";
import { err, ok, type Result } from "../base/result.ts";
import type { DnsAnswer, MxRecord } from "../dns/answer.ts";
import { reply, type Reply } from "../smtp/reply.ts";
import { QUEUE_LIMITS } from "./limits.ts";

export type MailHost = {
  readonly name: Domain;
  readonly preference: number;
  /** DNSSEC proves that it is a mail host of the domain; of a `ResolvedHost`, its addresses too. RFC 7672 §2.2 */
  readonly authenticated: boolean;
};
/** A host with its addresses in the order to try them; `failed`: the DNS could not say whether there are more. */
export type ResolvedHost = MailHost & { readonly addresses: readonly string[]; readonly failed: boolean };

/** Hosts by preference, random among equals; the domain itself only where there is no MX. */
export function mailHosts(
  domain: Domain,
  answer: DnsAnswer<MxRecord>,
  random: () => number,
): Result<readonly MailHost[], Reply> {
  if (answer.kind === "failure") return err(dnsFailed(domain, answer.reason));
  if (answer.kind === "nxdomain")
    return err(reply(550, "5.1.2", `Domain ${domain} does not exist`, "no-domain"));
  const { authenticated } = answer;
  if (answer.kind === "nodata") return ok([{ name: domain, preference: 0, authenticated }]);
  const hosts: MailHost[] = [];
  for (const { exchange, preference } of answer.records)
    if (exchange !== "") hosts.push({ name: exchange, preference, authenticated });
  if (hosts.length === 0)
    return err(reply(556, "5.1.10", `Domain ${domain} takes no mail (null MX)`, "null-mx"));
  const sorted = shuffled(hosts, random).sort((a, b) => a.preference - b.preference);
  return ok(sorted.slice(0, QUEUE_LIMITS.mailHostsMax));
}

/** IPv6 and IPv4 in turn, so that one broken family costs one connect and not all of them. */
export function hostAddresses(
  ipv6: readonly string[],
  ipv4: readonly string[],
  random: () => number,
): readonly string[] {
  const six = shuffled(ipv6, random);
  const four = shuffled(ipv4, random);
  const turns = Array.from({ length: Math.max(six.length, four.length) }, (_, i) => [six[i], four[i]]);
  const addresses = turns.flat().filter((address) => address !== undefined);
  return addresses.slice(0, QUEUE_LIMITS.addressesPerHostMax);
}

/**
 * What is left to try. Where we are an MX ourselves, hosts of our own or a worse preference would send the
 * message back to us. RFC 5321 §5.1
 */
export function hostsToTry(
  domain: string,
  resolved: readonly ResolvedHost[],
  isOurs: (host: ResolvedHost) => boolean,
): Result<readonly ResolvedHost[], Reply> {
  const own = Math.min(...resolved.filter(isOurs).map(({ preference }) => preference));
  const better = resolved.filter(({ preference }) => preference < own);
  if (better.length === 0)
    return err(reply(554, "5.4.6", `Mail for ${domain} loops back to this server`, "routing-loop"));
  const reachable = better.filter(({ addresses }) => addresses.length > 0);
  if (reachable.length > 0) return ok(reachable);
  if (better.some(({ failed }) => failed)) return err(dnsFailed(domain, "no address of a mail host"));
  return err(reply(550, "5.4.4", `Domain ${domain} has no mail host with an address`, "no-address"));
}

/** A question that got no answer says nothing about the domain: try later. */
export const dnsFailed = (name: string, reason: string): Reply =>
  reply(451, "4.4.3", `The DNS gives no answer for ${name} (${reason})`, "dns-failure");

function shuffled<T>(items: readonly T[], random: () => number): T[] {
  const order = [...items];
  for (let i = order.length - 1; i > 0; i--) {
    const other = Math.floor(random() * (i + 1));
    [order[i], order[other]] = [order[other] as T, order[i] as T];
  }
  return order;
}
