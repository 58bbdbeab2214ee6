import { checkReverse } from "../authentication/iprev.ts";
import { isLocalName, parseDomain, type Domain } from "../base/domain-name.ts";
import { isLoopback, parseIp, type IpAddress } from "../base/ip.ts";
import { err, ok, type Result } from "../base/result.ts";
import type { Config } from "../config/schema.ts";
import type { Plan } from "./examine.ts";
import { unknown } from "./finding.ts";
import { DOCTOR_LIMITS } from "./limits.ts";
import type { OwnServerFacts } from "./own-server.ts";
import type { DomainTarget, HostTarget, Net, Service } from "./probe.ts";
import { isPublicSource, mailSources, publicSources, translatedSources, type MailSource } from "./sources.ts";
import { ownPolicyOf } from "./own-policy.ts";
import { below, recordsOf } from "./probes/answers.ts";
import { hostsOf } from "./probes/mail-hosts.ts";
import { parsePlace } from "./place.ts";
import { provenHosts, serverProblem, type Proof, type Unproven } from "./proof.ts";
import { addressesOf, foreignWebHosts, ownWebHosts, withoutShut } from "./web-hosts.ts";

const SMTP_PORT = 25;
const SERVICES = [
  "smtp",
  "submissions",
  "submission",
  "imaps",
  "imap",
  "pop3s",
  "web",
] as const satisfies readonly Service[];

const ANNOUNCED = [
  ["_submissions._tcp", "submissions"],
  ["_imaps._tcp", "imaps"],
  ["_submission._tcp", "submission"],
  ["_imap._tcp", "imap"],
  ["_pop3s._tcp", "pop3s"],
  // RFC 8620 §2.2
  ["_jmap._tcp", "web"],
] as const satisfies readonly (readonly [string, Service])[];

export type Ourselves = {
  readonly config: Config;
  readonly domains: readonly DomainTarget[];
  /** PEM of our own authority, where the certificate is from it. */
  readonly authorities: string | undefined;
  readonly facts: OwnServerFacts;
};

/** Our own server: every listener on an address of this machine, the domains given, and the machine itself. */
export async function ownPlan({ config, domains, authorities, facts }: Ourselves, net: Net): Promise<Plan> {
  const name = parseDomain(config.hostname) as Domain;
  const names = domains.map(({ domain }) => domain);
  const doors = ownHosts(config, names, authorities, net);
  const published = await addressesOf(name, net);
  const door = doors.find(({ service }) => service === "web");
  const web = await Promise.all(names.map((domain) => ownWebHosts(domain, { door, published }, net)));
  const { open, shut } = await withoutShut(web.flat(), net);
  const hosts = [...doors, ...open];
  const announced = (await Promise.all(domains.map(({ domain }) => announcedHosts(domain, net)))).flat();
  const others = announced.filter((one) => !isAmong(one, hosts));
  return {
    domains: domains.map((target) => withPolicy(target, config, facts)),
    addresses: ownAddresses(config, name, published),
    hosts: [...hosts, ...others.map((host) => ({ ...host, ours: host.name === name }))],
    own: facts,
    leftOut: [...shut, ...translatedSources(mailSources(config))],
  };
}

const isAmong = ({ name, port }: HostTarget, hosts: readonly HostTarget[]): boolean =>
  hosts.some((host) => host.name === name && host.port === port);

/** Where mail comes to us, and where it leaves from: the names of both matter. */
function ownAddresses(config: Config, host: Domain, published: readonly string[]): readonly HostTarget[] {
  const sources = mailSources(config).filter(isPublicSource);
  const isAt = (source: MailSource, address: string): boolean =>
    source.name === host && source.address === parseIp(address)?.text;
  const receiving = published.map((address) => ({
    ...mailHost(host, address, [], true),
    ...(sources.some((source) => isAt(source, address)) ? { sends: true } : {}),
  }));
  const others = sources.filter((source) => !published.some((address) => isAt(source, address)));
  return [
    ...receiving,
    ...others.map(({ address, name }) => ({
      ...mailHost(name, address, [], true),
      sends: true,
      sendsOnly: true,
    })),
  ];
}

function ownHosts(
  { hostname, listeners }: Config,
  domains: readonly Domain[],
  authorities: string | undefined,
  net: Pick<Net, "isOwn">,
): readonly HostTarget[] {
  return SERVICES.filter((service) => listeners[service].enabled).map((service) => {
    const address = reachable(listeners[service].addresses[0] ?? "0.0.0.0");
    return {
      name: parseDomain(hostname) as Domain,
      address,
      port: listeners[service].port,
      service,
      domains,
      // Whatever a configuration says: nothing of ours listens at an address of another machine.
      ours: net.isOwn(address),
      ...(authorities === undefined ? {} : { authorities }),
    };
  });
}

/**
 * Every door of our own for an attack, reached from this machine's loopback address: that one is never banned and its
 * failed logins hurt nobody. Linux only: elsewhere a connection cannot choose where it comes from.
 */
export function attackedHosts(
  config: Config,
  domains: readonly Domain[],
  authorities: string | undefined,
  net: Pick<Net, "isOwn">,
): readonly HostTarget[] {
  const hosts = ownHosts(config, domains, authorities, net).filter(({ ours }) => ours);
  if (process.platform !== "linux") return hosts;
  return hosts.map((host) => ({ ...host, from: host.address.includes(":") ? "::1" : "127.0.0.1" }));
}

/** What we serve and use is held against what is published. */
function withPolicy(
  target: DomainTarget,
  config: Config,
  { authority, certificate }: OwnServerFacts,
): DomainTarget {
  if (target.ours === undefined) return target;
  const sources = publicSources(config);
  return {
    ...target,
    ours: {
      ...target.ours,
      ...(sources.length === 0 ? {} : { sources }),
      ...(config.listeners.web.enabled ? { policy: ownPolicyOf(config) } : {}),
      ...(authority === undefined ? {} : { issuers: authority }),
      ...(certificate === undefined || certificate.own ? {} : { certified: certificate.names }),
    },
  };
}

/** What listens everywhere is reached at the loopback address. */
function reachable(address: string): string {
  if (address === "0.0.0.0") return "127.0.0.1";
  return address === "::" ? "::1" : address;
}

/** A domain of others: the hosts its MX records name, a few of their addresses. */
export async function foreignPlan(target: DomainTarget, net: Net, proof?: Proof): Promise<Plan> {
  const found = await allMailHosts(target.domain, net);
  const visited = await provenHosts(found.slice(0, DOCTOR_LIMITS.foreignAddressesMax), net, proof);
  const announced = (await announcedHosts(target.domain, net)).slice(0, DOCTOR_LIMITS.foreignServicesMax);
  const named = (await foreignWebHosts(target.domain, net)).filter((one) => !isAmong(one, announced));
  const { open, shut } = await withoutShut(named.slice(0, DOCTOR_LIMITS.foreignWebMax), net);
  const count = found.length - visited.hosts.length;
  return {
    domains: [target],
    addresses: visited.hosts,
    hosts: [...visited.hosts, ...announced, ...open],
    leftOut: [
      ...visited.leftOut,
      ...shut,
      ...(count === 0
        ? []
        : [unknown("reachable", target.domain, String(count), "more-hosts", { count: String(count) })]),
    ],
  };
}

/**
 * The first mail host of a domain that is shown to be the caller's, or why none is. It is attacked at the address that was
 * looked at, wherever its name leads meanwhile.
 */
export async function attackedMailHost(
  proof: Proof,
  net: Net,
): Promise<Result<HostTarget, Unproven | undefined>> {
  let first: Unproven | undefined;
  for (const host of (await allMailHosts(proof.domain, net)).slice(0, DOCTOR_LIMITS.foreignAddressesMax)) {
    const problem = await serverProblem(proof, host.address, net);
    if (problem === undefined) return ok({ ...host, proven: true });
    first ??= problem;
  }
  return err(first);
}

/** At every address. */
async function allMailHosts(domain: Domain, net: Net): Promise<readonly HostTarget[]> {
  const found: HostTarget[] = [];
  const names = await hostsOf(domain, net);
  for (const name of names.ok ? names.value : []) {
    for (const address of await addressesOf(name, net)) found.push(mailHost(name, address, [domain], false));
  }
  return found;
}

/** Where SRV records send mail programs, each at its first address. RFC 6186 §3, RFC 8314 §5.1 */
async function announcedHosts(domain: Domain, net: Net): Promise<readonly HostTarget[]> {
  const found: HostTarget[] = [];
  for (const [label, service] of ANNOUNCED) {
    const name = below(label, domain);
    const records = name === undefined ? undefined : recordsOf(await net.dns.query(name, "SRV"));
    const first = [...(records ?? [])].sort((one, other) => one.priority - other.priority);
    for (const { target, port } of first.slice(0, DOCTOR_LIMITS.announcedMax)) {
      if (target === "" || found.some((one) => one.name === target && one.port === port)) continue;
      const [address] = await addressesOf(target, net);
      if (address !== undefined)
        found.push({ name: target, address, port, service, domains: [domain], ours: false, announced: true });
    }
  }
  return found;
}

/** One host as named by the operator; an address without a name is called by its reverse name. */
export async function hostPlan(
  text: string,
  domains: readonly Domain[],
  net: Net,
  proof?: Proof,
): Promise<Result<Plan, "syntax" | "scheme" | "no-name" | "no-address">> {
  const place = parsePlace(text);
  if (!place.ok) return place;
  const { address: literal, port, service } = place.value;
  const name = place.value.name ?? (await nameOf(place.value.address, net));
  if (name === undefined) return err("no-name");
  const addresses = literal === undefined ? await hostAddresses(name, port, net) : [literal.text];
  if (addresses.length === 0) return err("no-address");
  const named = addresses
    .slice(0, DOCTOR_LIMITS.foreignAddressesMax)
    .map((address): HostTarget => ({ name, address, port, service, domains, ours: false }));
  const { hosts, leftOut } = await provenHosts(named, net, proof);
  return ok({
    domains: [],
    // Nobody but this machine knows its loopback addresses: no list has them, no reverse zone counts.
    addresses: hosts.filter(({ address }) => !isLoopbackText(address)),
    hosts,
    leftOut,
  });
}

const isLoopbackText = (text: string): boolean => {
  const ip = parseIp(text);
  return ip !== undefined && isLoopback(ip);
};

/** No DNS needs to know what the loopback addresses are called. */
async function nameOf(address: IpAddress, net: Net): Promise<Domain | undefined> {
  const { reverseName } = await checkReverse(address, net.dns);
  return reverseName ?? (isLoopback(address) ? parseDomain("localhost") : undefined);
}

const LOOPBACK = ["127.0.0.1", "::1"] as const;

/** Names of this machine are in no DNS (RFC 6761 §6.3); the server is at the first of the two that answers. */
async function hostAddresses(name: Domain, port: number, net: Net): Promise<readonly string[]> {
  if (!isLocalName(name)) return addressesOf(name, net);
  for (const address of LOOPBACK) {
    const connected = await net.connect({ address, port });
    if (!connected.ok) continue;
    connected.value[Symbol.dispose]();
    return [address];
  }
  return [LOOPBACK[0]];
}

const mailHost = (name: Domain, address: string, domains: readonly Domain[], ours: boolean): HostTarget => ({
  name,
  address,
  port: SMTP_PORT,
  service: "smtp",
  domains,
  ours,
});
