import { cidrContains, parseCidr, type Cidr, type IpAddress } from "../base/ip.ts";

/** Special-purpose networks of the IANA registries: nothing there is on the Internet. RFC 6890, RFC 4193, RFC 6052 */
const SPECIAL: readonly Cidr[] = [
  "0.0.0.0/8",
  "10.0.0.0/8",
  "100.64.0.0/10",
  "127.0.0.0/8",
  "169.254.0.0/16",
  "172.16.0.0/12",
  "192.0.0.0/24",
  "192.0.2.0/24",
  "192.168.0.0/16",
  "198.18.0.0/15",
  "198.51.100.0/24",
  "203.0.113.0/24",
  "224.0.0.0/3",
].flatMap((text) => parseCidr(text) ?? []);

/** Of IPv6 only this is given out. */
const UNICAST: readonly Cidr[] = ["2000::/3"].flatMap((text) => parseCidr(text) ?? []);
/** Inside it: documentation, Teredo and the like, and 6to4, which reaches any IPv4 address. */
const SPECIAL_UNICAST: readonly Cidr[] = ["2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20"].flatMap(
  (text) => parseCidr(text) ?? [],
);

/** True for an address a stranger may make us connect to: not of this machine, not of the networks behind it. */
export function isPublicAddress(ip: IpAddress): boolean {
  const within = (networks: readonly Cidr[]): boolean => networks.some((one) => cidrContains(one, ip));
  return ip.family === 4 ? !within(SPECIAL) : within(UNICAST) && !within(SPECIAL_UNICAST);
}
