import { parseDomain, type Domain } from "../base/domain-name.ts";
import { parseIp } from "../base/ip.ts";
import type { Config } from "../config/schema.ts";
import { isPublicAddress } from "../tls/public-address.ts";
import { unknown, type Finding } from "./finding.ts";

/** An address that mail is set to leave from, and what it is called in EHLO there. */
export type MailSource = { readonly address: string; readonly name: Domain };

/** Of the configuration, each pair once. A next hop that takes the mail over hides it from the world. */
export function mailSources({ hostname, outbound }: Config): readonly MailSource[] {
  const everything = outbound.transports.find(({ domain }) => domain === "*");
  const usual = everything === undefined || everything.kind === "direct" ? outbound.local_address : [];
  const direct = outbound.transports.filter(({ kind }) => kind === "direct");
  const pairs = [
    ...[usual ?? []].flat().map((address) => ({ address, name: hostname })),
    ...direct.flatMap(({ local_address, helo_name }) =>
      [local_address ?? usual ?? []].flat().map((address) => ({ address, name: helo_name ?? hostname })),
    ),
  ];
  const found = new Map<string, MailSource>();
  for (const { address, name } of pairs) {
    const [ip, domain] = [parseIp(address), parseDomain(name)];
    if (ip !== undefined && domain !== undefined)
      found.set(`${ip.text} ${domain}`, { address: ip.text, name: domain });
  }
  return [...found.values()];
}

export const isPublicSource = ({ address }: MailSource): boolean => {
  const ip = parseIp(address);
  return ip !== undefined && isPublicAddress(ip);
};

/** Each once: what SPF has to name. */
export const publicSources = (config: Config): readonly string[] => [
  ...new Set(
    mailSources(config)
      .filter(isPublicSource)
      .map(({ address }) => address),
  ),
];

/** What nobody outside knows by this address cannot be looked at from here. */
export const translatedSources = (sources: readonly MailSource[]): readonly Finding[] =>
  sources
    .filter((source) => !isPublicSource(source))
    .map(({ address }) => unknown("source-name", address, "", "source-translated", { address }));
