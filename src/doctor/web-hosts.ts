/** The web servers that belong to the mail of a domain: its MTA-STS policy, the settings of mail programs. */
import { randomBytes } from "node:crypto";
import type { Domain } from "../base/domain-name.ts";
import { unknown, type Finding } from "./finding.ts";
import type { HostTarget, Net } from "./probe.ts";
import { below, recordsOf } from "./probes/answers.ts";
import { placeOf } from "./probes/open-tls.ts";
import { seen } from "./words/seen.ts";

export const WEB_PORT = 443;

/** Where the settings of mail programs are looked for. */
const SETTINGS = ["autoconfig", "autodiscover"] as const;

/** By its first label; what an SRV record names is called otherwise. */
export const isWebName = (name: Domain): boolean => /^(?:mta-sts|autoconfig|autodiscover)\./.test(name);
const isSettingsName = (name: Domain): boolean => SETTINGS.some((label) => name.startsWith(`${label}.`));

/**
 * Others may have the settings of mail programs over HTTP alone: a program then asks its user. What HTTPS would say there
 * nobody knows, which is said once, and nothing more is visited.
 */
export async function withoutShut(
  hosts: readonly HostTarget[],
  net: Net,
): Promise<{ readonly open: readonly HostTarget[]; readonly shut: readonly Finding[] }> {
  const open: HostTarget[] = [];
  const shut: Finding[] = [];
  for (const host of hosts) {
    const connected = host.ours || !isSettingsName(host.name) ? undefined : await net.connect(host);
    if (connected?.ok === true) connected.value[Symbol.dispose]();
    if (connected?.ok === false)
      shut.push(
        unknown(
          "client-setup",
          host.name,
          seen("no-https", { host: placeOf(host), reason: connected.error }),
          "not-looked",
          { reason: connected.error },
        ),
      );
    else open.push(host);
  }
  return { open, shut };
}

/** Names of the domain that a web server has to answer to, with their addresses: as the DNS has them. */
export async function webNamesOf(domain: Domain, net: Net): Promise<readonly WebName[]> {
  const found: WebName[] = [];
  const record = below("_mta-sts", domain);
  const texts = record === undefined ? [] : (recordsOf(await net.dns.query(record, "TXT")) ?? []);
  if (texts.some((text) => text.startsWith("v=STSv1"))) found.push(...(await named("mta-sts", domain, net)));
  const settings: WebName[] = [];
  for (const label of SETTINGS) settings.push(...(await named(label, domain, net)));
  // A domain whose every name leads to one web server has not meant these.
  if (settings.length > 0 && !(await hasWildcard(domain, net))) found.push(...settings);
  return found;
}

export type WebName = { readonly name: Domain; readonly addresses: readonly string[] };

async function named(label: string, domain: Domain, net: Net): Promise<readonly WebName[]> {
  const name = below(label, domain);
  const addresses = name === undefined ? [] : await addressesOf(name, net);
  return name === undefined || addresses.length === 0 ? [] : [{ name, addresses }];
}

const hasWildcard = async (domain: Domain, net: Net): Promise<boolean> =>
  (await named(`no-${randomBytes(6).toString("hex")}`, domain, net)).length > 0;

/** Of a domain of others: each at its first address. */
export async function foreignWebHosts(domain: Domain, net: Net): Promise<readonly HostTarget[]> {
  const names = await webNamesOf(domain, net);
  return onceEach(
    names.map(({ name, addresses: [address = ""] }) => ({ ...webHost(name, address, domain), ours: false })),
  );
}

/**
 * Of a domain of ours: a name that leads where our host name leads is asked for at our own door, if there is one. What
 * leads elsewhere is somebody's all the same.
 */
export async function ownWebHosts(
  domain: Domain,
  { door, published }: { readonly door: HostTarget | undefined; readonly published: readonly string[] },
  net: Net,
): Promise<readonly HostTarget[]> {
  const names = await webNamesOf(domain, net);
  return names.map(({ name, addresses }) => {
    const leadsHere = addresses.some((address) => published.includes(address));
    if (leadsHere && door !== undefined) return { ...door, name, domains: [domain], again: true };
    return { ...webHost(name, addresses[0] ?? "", domain), ours: leadsHere };
  });
}

const webHost = (name: Domain, address: string, domain: Domain) =>
  ({ name, address, port: WEB_PORT, service: "web", domains: [domain], announced: true }) as const;

/** A server that has several of the names is looked at closely but once. */
function onceEach(hosts: readonly HostTarget[]): readonly HostTarget[] {
  return hosts.map((host, at) =>
    hosts.slice(0, at).some(({ address }) => address === host.address) ? { ...host, again: true } : host,
  );
}

/** A and AAAA, as far as the DNS says. */
export async function addressesOf(name: Domain, net: Net): Promise<readonly string[]> {
  const answers = [await net.dns.query(name, "A"), await net.dns.query(name, "AAAA")];
  return answers.flatMap((answer) => recordsOf(answer) ?? []);
}
