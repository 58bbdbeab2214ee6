import { parseDomain, type Domain } from "../base/domain-name.ts";
import type { IpAddress } from "../base/ip.ts";

/** The name under which an address is looked up: in-addr.arpa (RFC 1035 §3.5) or ip6.arpa (RFC 3596 §2.5). */
export function reverseName(address: IpAddress): Domain {
  const labels =
    address.family === 4
      ? [...address.octets.subarray(12)].reverse().map(String)
      : Array.from(Buffer.from(address.octets).toString("hex")).reverse();
  const name = parseDomain(`${labels.join(".")}.${address.family === 4 ? "in-addr" : "ip6"}.arpa`);
  if (name === undefined) throw new Error(`no reverse name for ${address.text}`);
  return name;
}
