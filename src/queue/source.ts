import { parseIp, type IpAddress } from "../base/ip.ts";

/** Addresses of this machine that connections come from, at most one of a family; a family without one is not used. */
export type Source = { readonly ipv4?: string; readonly ipv6?: string };

/** Undefined: the system takes whichever it likes, of both families. */
export function sourceOf(addresses: readonly string[]): Source | undefined {
  const found = addresses.flatMap((text) => parseIp(text) ?? []);
  const of = (family: IpAddress["family"]): string | undefined =>
    found.find((ip) => ip.family === family)?.text;
  const [ipv4, ipv6] = [of(4), of(6)];
  if (ipv4 === undefined && ipv6 === undefined) return undefined;
  return { ...(ipv4 === undefined ? {} : { ipv4 }), ...(ipv6 === undefined ? {} : { ipv6 }) };
}

export const hasFamily = (source: Source | undefined, family: IpAddress["family"]): boolean =>
  source === undefined || sourceOfFamily(source, family) !== undefined;

/** The one to reach this host from. */
export function sourceFor(source: Source | undefined, host: string): string | undefined {
  const family = parseIp(host)?.family;
  return source === undefined || family === undefined ? undefined : sourceOfFamily(source, family);
}

const sourceOfFamily = ({ ipv4, ipv6 }: Source, family: IpAddress["family"]): string | undefined =>
  family === 4 ? ipv4 : ipv6;

/** Two with one key are the same addresses. */
export const sourceKey = (source: Source | undefined): string =>
  source === undefined ? "" : `${source.ipv4 ?? ""},${source.ipv6 ?? ""}`;
