import { isIP } from "node:net";
import { remembered } from "./remembered.ts";

/** An address as 16 octets; IPv4 is kept in its IPv6-mapped form so that one comparison serves both. */
export type IpAddress = { readonly family: 4 | 6; readonly octets: Uint8Array; readonly text: string };
export type Cidr = { readonly address: IpAddress; readonly prefix_bits: number };

/** Names and login names are asked too, for every record; the full pattern costs microseconds. */
const LOOKS_LIKE_ADDRESS = /:|^\d+\.\d+\.\d+\.\d/;

/** Parses an IPv4 or IPv6 address; an IPv4-mapped one becomes IPv4; a zone id is dropped. */
export const parseIp = (text: string): IpAddress | undefined =>
  LOOKS_LIKE_ADDRESS.test(text) ? parsed(text) : undefined;

/** Every rule of a session asks for the same few addresses. */
const parsed = remembered(500, parse);

function parse(text: string): IpAddress | undefined {
  const bare = text.split("%")[0] ?? "";
  const family = isIP(bare);
  if (family === 4) return { family: 4, octets: fromIpv4(bare), text: bare };
  if (family !== 6) return undefined;
  const octets = fromIpv6(bare);
  if (isMapped(octets)) {
    return { family: 4, octets, text: octets.subarray(12).join(".") };
  }
  return { family: 6, octets, text: formatIpv6(octets) };
}

/** Parses `address/bits`; without a length the single address. Host bits must be zero-able, they are ignored. */
export function parseCidr(text: string): Cidr | undefined {
  const [head = "", tail] = text.split("/");
  const address = parseIp(head);
  if (!address) return undefined;
  const width = address.family === 4 ? 32 : 128;
  if (tail === undefined) return { address, prefix_bits: width };
  if (!/^[0-9]{1,3}$/.test(tail) || Number(tail) > width) return undefined;
  return { address, prefix_bits: Number(tail) };
}

export function cidrContains(cidr: Cidr, ip: IpAddress): boolean {
  if (cidr.address.family !== ip.family) return false;
  // Before an IPv4 address all octets are the same.
  const from = ip.family === 4 ? 12 : 0;
  return sharePrefix(cidr.address.octets, ip.octets, from, cidr.prefix_bits);
}

/** The network an address belongs to, as text, for counting: `192.0.2.0/24`, `2001:db8::/64` (D-14). */
export function networkOf(ip: IpAddress, ipv4_bits: number, ipv6_bits: number): string {
  const bits = ip.family === 4 ? ipv4_bits : ipv6_bits;
  if (ip.family === 4 && bits === 32) return `${ip.text}/32`;
  if (ip.family === 4 && bits === 24) return `${ip.text.slice(0, ip.text.lastIndexOf("."))}.0/24`;
  const kept = bits + (ip.family === 4 ? 96 : 0);
  const masked = Uint8Array.from(ip.octets);
  for (let i = kept >> 3; i < masked.length; i++) masked[i] = (masked[i] ?? 0) & maskOf(kept - i * 8);
  const text = ip.family === 4 ? masked.subarray(12).join(".") : formatIpv6(masked);
  return `${text}/${bits}`;
}

export function isLoopback(ip: IpAddress): boolean {
  return ip.family === 4 ? ip.octets[12] === 127 : ip.text === "::1";
}

const maskOf = (bits: number): number => (bits >= 8 ? 0xff : bits <= 0 ? 0 : (0xff << (8 - bits)) & 0xff);

function sharePrefix(a: Uint8Array, b: Uint8Array, from: number, bits: number): boolean {
  const whole = from + (bits >> 3);
  for (let i = from; i < whole; i++) if (a[i] !== b[i]) return false;
  const rest = (a[whole] ?? 0) ^ (b[whole] ?? 0);
  return (rest & maskOf(bits & 7)) === 0;
}

const DOT = 0x2e;
const ZERO = 0x30;

/** Of a text that is known to be an address. */
function fromIpv4(text: string): Uint8Array {
  const octets = new Uint8Array(16);
  octets[10] = octets[11] = 0xff;
  let at = 12;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code === DOT) at++;
    else octets[at] = (octets[at] ?? 0) * 10 + code - ZERO;
  }
  return octets;
}

function fromIpv6(text: string): Uint8Array {
  const octets = new Uint8Array(16);
  const [head = "", tail] = text.split("::");
  octets.set(groupsToOctets(head), 0);
  if (tail !== undefined) {
    const end = groupsToOctets(tail);
    octets.set(end, 16 - end.length);
  }
  return octets;
}

function groupsToOctets(text: string): number[] {
  if (text === "") return [];
  return text.split(":").flatMap((group) => {
    if (group.includes(".")) return group.split(".").map(Number);
    const value = Number.parseInt(group, 16);
    return [value >> 8, value & 0xff];
  });
}

function isMapped(octets: Uint8Array): boolean {
  return octets.subarray(0, 10).every((o) => o === 0) && octets[10] === 0xff && octets[11] === 0xff;
}

/** Canonical text of RFC 5952: lower case, longest run of zero groups as `::`. */
function formatIpv6(octets: Uint8Array): string {
  const groups = Array.from({ length: 8 }, (_, i) => ((octets[i * 2] ?? 0) << 8) | (octets[i * 2 + 1] ?? 0));
  const run = longestZeroRun(groups);
  const hex = (part: number[]): string => part.map((g) => g.toString(16)).join(":");
  if (run.length < 2) return hex(groups);
  return `${hex(groups.slice(0, run.start))}::${hex(groups.slice(run.start + run.length))}`;
}

function longestZeroRun(groups: number[]): { start: number; length: number } {
  let best = { start: 0, length: 0 };
  for (let i = 0; i < groups.length; i++) {
    let length = 0;
    while (groups[i + length] === 0 && i + length < groups.length) length++;
    if (length > best.length) best = { start: i, length };
  }
  return best;
}
