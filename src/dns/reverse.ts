import { parseDomain, type Domain } from "../base/domain-name.ts";
import type { IpAddress } from "../base/ip.ts";

/** The name under which an address is looked up: in-addr.arpa (RFC 1035 §3.5) or ip6.arpa (RFC 3596 §2.5). */
export function reverseName(address: IpAddress): Domain {
  const { octets } = address;
  const text =
    address.family === 4
      ? `${octets[15]}.${octets[14]}.${octets[13]}.${octets[12]}.in-addr.arpa`
      : `${Array.from(Buffer.from(octets).toString("hex")).reverse().join(".")}.ip6.arpa`;
  const name = parseDomain(text);
  if (name === undefined) throw new Error(`no reverse name for ${address.text}`);
  return name;
}
