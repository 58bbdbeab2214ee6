/** From a destination to the hosts to try, in order. The DNS is an argument. */
import { isLocalName, parseDomain, type Domain } from "../base/domain-name.ts";
import { cidrContains, parseIp, type Cidr } from "../base/ip.ts";
import { err, ok, type Result } from "../base/result.ts";
import type { Dns } from "../dns/answer.ts";
import type { RemoteHost } from "../smtp/remote.ts";
import { reply, type Reply } from "../smtp/reply.ts";
import { QUEUE_LIMITS } from "./limits.ts";
import { dnsFailed, hostAddresses, hostsToTry, mailHosts, type MailHost, type ResolvedHost } from "./mx.ts";
import { hasFamily, type Source } from "./source.ts";
import type { Destination, NextHop } from "./transport.ts";

export type Routing = {
  readonly dns: Dns;
  readonly random: () => number;
  /** Our own name and addresses: mail must not come back to us. */
  readonly hostName: string;
  readonly ownAddresses: readonly Cidr[];
  /** Port of MX hosts. */
  readonly smtpPort: number;
  /** Whether mail from there may go over IPv6 where the destination has IPv4 too; absent: it may. */
  readonly mayUseIpv6?: (source: Source | undefined) => boolean;
};

/** The same towards one destination: only addresses of the families it is reached from. */
type Routed = Routing & { readonly source: Source | undefined };

export type RoutedHost = RemoteHost & {
  /** DNSSEC proves the way from the domain to this host and its addresses: DANE can be asked for. RFC 7672 §2.2 */
  readonly authenticated: boolean;
};

/** Hosts in the order to try, at least one, or the reply every recipient there gets. T-63 */
export function routeTo(
  destination: Destination,
  routing: Routing,
  signal?: AbortSignal,
): Promise<Result<readonly RoutedHost[], Reply>> {
  const routed = { ...routing, source: destination.source };
  if (destination.kind === "next-hop") return routeToNextHop(destination.nextHop, routed, signal);
  return routeToDomain(destination.domain, routed, signal);
}

async function routeToDomain(
  text: string,
  routing: Routed,
  signal?: AbortSignal,
): Promise<Result<readonly RoutedHost[], Reply>> {
  if (text.startsWith("[")) return routeToLiteral(text, routing);
  const domain = parseDomain(text);
  if (domain === undefined) return err(reply(553, "5.1.3", `${text} is not a domain`, "bad-domain"));
  const hosts = mailHosts(domain, await routing.dns.query(domain, "MX", signal), routing.random);
  if (!hosts.ok) return hosts;
  const resolved = await Promise.all(hosts.value.map((host) => resolveHost(host, routing, signal)));
  const left = hostsToTry(domain, resolved, (host) => isOurs(host, routing));
  if (left.ok) return ok(remoteHosts(overIpv4(left.value, routing), routing.smtpPort));
  return left.error.reason === "no-address" ? err(noAddress(domain, routing)) : left;
}

/** An address of ours without a name is refused by many; where there is no other way, it is tried all the same. T-64 */
function overIpv4(hosts: readonly ResolvedHost[], { mayUseIpv6, source }: Routed): readonly ResolvedHost[] {
  if (mayUseIpv6?.(source) !== false) return hosts;
  const only = hosts.map((host) => ({ ...host, addresses: host.addresses.filter(isIpv4) }));
  const reachable = only.filter(({ addresses }) => addresses.length > 0);
  return reachable.length > 0 ? reachable : hosts;
}

const isIpv4 = (address: string): boolean => parseIp(address)?.family === 4;

/** Where mail leaves by one family only, the domain may well have a host of the other. */
function noAddress(domain: Domain, { source }: Routed): Reply {
  const family = hasFamily(source, 6) ? (hasFamily(source, 4) ? "" : "n IPv6") : "n IPv4";
  const kind = family === "" ? "an" : `a${family}`;
  return reply(550, "5.4.4", `Domain ${domain} has no mail host with ${kind} address`, "no-address");
}

/** `user@[192.0.2.1]`. RFC 5321 §4.1.3 */
function routeToLiteral(literal: string, routing: Routed): Result<readonly RoutedHost[], Reply> {
  const ip = parseIp(literal.slice(1, -1).replace(/^ipv6:/i, ""));
  if (ip === undefined) return err(reply(553, "5.1.3", `${literal} is not an address`, "bad-domain"));
  const host = { name: ip.text, addresses: [ip.text], authenticated: false };
  if (isOwnAddress(ip.text, routing)) {
    return err(reply(554, "5.4.6", `Mail for ${literal} loops back to this server`, "routing-loop"));
  }
  if (!hasFamily(routing.source, ip.family))
    return err(reply(550, "5.4.4", `This server sends nothing over IPv${ip.family}`, "no-address"));
  return ok(remoteHosts([host], routing.smtpPort));
}

/** A configured next hop is meant as written: no MX, and our own addresses are allowed (LMTP, filters). */
async function routeToNextHop(
  { host, port }: NextHop,
  routing: Routed,
  signal?: AbortSignal,
): Promise<Result<readonly RoutedHost[], Reply>> {
  if (host.startsWith("/"))
    return ok([{ name: routing.hostName, address: host, port, authenticated: false }]);
  const ip = parseIp(host);
  if (ip && !hasFamily(routing.source, ip.family))
    return err(
      reply(451, "4.3.5", `The next hop ${host} has no address of a family we send from`, "bad-next-hop"),
    );
  if (ip) return ok([{ name: host, address: ip.text, port, authenticated: false }]);
  const name = parseDomain(host);
  if (name === undefined)
    return err(reply(451, "4.3.5", `The next hop ${host} is not a host name`, "bad-next-hop"));
  const asked = { name, preference: 0, authenticated: false };
  const { addresses, authenticated, failed } = await resolveHost(asked, routing, signal);
  if (addresses.length > 0) return ok(remoteHosts([{ name, addresses, authenticated }], port));
  // The operator's mistake must not bounce his users' mail.
  return err(
    failed
      ? dnsFailed(name, "address")
      : reply(451, "4.3.5", `The next hop ${name} has no address`, "bad-next-hop"),
  );
}

async function resolveHost(host: MailHost, routing: Routed, signal?: AbortSignal): Promise<ResolvedHost> {
  const { dns, source, random } = routing;
  const [six, four] = [hasFamily(source, 6), hasFamily(source, 4)];
  if (isLocalName(host.name))
    return {
      ...host,
      authenticated: false,
      addresses: hostAddresses(six ? ["::1"] : [], four ? ["127.0.0.1"] : [], random),
      failed: false,
    };
  const [ipv6, ipv4] = await Promise.all([
    six ? addressesOf(dns.query(host.name, "AAAA", signal)) : NONE,
    four ? addressesOf(dns.query(host.name, "A", signal)) : NONE,
  ]);
  return {
    ...host,
    // Where one family is proved the name is in a signed zone; whoever answers must then prove himself.
    authenticated: host.authenticated && (ipv6.authenticated || ipv4.authenticated),
    addresses: hostAddresses(ipv6.addresses, ipv4.addresses, random),
    failed: ipv6.failed || ipv4.failed,
  };
}

type Addresses = {
  readonly addresses: readonly string[];
  readonly authenticated: boolean;
  readonly failed: boolean;
};
const NONE: Addresses = { addresses: [], authenticated: false, failed: false };

async function addressesOf(question: ReturnType<Dns["query"]>): Promise<Addresses> {
  const answer = await question;
  if (answer.kind === "failure") return { ...NONE, failed: true };
  if (answer.kind !== "records") return NONE;
  const addresses = answer.records.flatMap((record) =>
    typeof record === "string" ? (parseIp(record)?.text ?? []) : [],
  );
  return { addresses, authenticated: answer.authenticated, failed: false };
}

const isOurs = ({ name, addresses }: ResolvedHost, routing: Routing): boolean =>
  name === routing.hostName || addresses.some((address) => isOwnAddress(address, routing));

/** `0.0.0.0` and `::` connect to this machine too. */
function isOwnAddress(address: string, { ownAddresses }: Routing): boolean {
  const ip = parseIp(address);
  if (ip === undefined) return false;
  return ip.text === "0.0.0.0" || ip.text === "::" || ownAddresses.some((own) => cidrContains(own, ip));
}

function remoteHosts(
  hosts: readonly {
    readonly name: string;
    readonly addresses: readonly string[];
    readonly authenticated: boolean;
  }[],
  port: number,
): readonly RoutedHost[] {
  const all = hosts.flatMap(({ name, addresses, authenticated }) =>
    addresses.map((address) => ({ name, address, port, authenticated })),
  );
  return all.slice(0, QUEUE_LIMITS.addressesMax);
}
