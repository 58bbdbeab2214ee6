import { asciiLower } from "../base/ascii.ts";
import type { IpAddress } from "../base/ip.ts";

/** Words of names that access providers give to the lines of their customers. */
const DIAL_UP =
  /(?:^|[.-])(?:dyn(?:amic)?(?:-?ip)?|dhcp|dial(?:up|in)?|[avsx]?dsl|ppp(?:oe)?|pool|broadband|cable|fibre|ftth|cust(?:omer)?|client|mobile|residential|unassigned)[0-9]*(?=[.-]|$)/;

/**
 * Is the name one that a provider makes from the address, `host-192-0-2-1.isp.example`, rather than one somebody gave to
 * a mail server? Three octets of the address in a row, either way round, or one beside a word like `dynamic`.
 */
export function isGenericName(name: string, address: IpAddress): boolean {
  const folded = asciiLower(name).slice(0, 255);
  const host = folded.split(".").slice(0, -2).join(".");
  if (host === "") return false;
  if (address.family === 6)
    return hasNibbles(host, address) || (DIAL_UP.test(host) && /[0-9a-f]{4}/.test(host));
  const octets = [...address.octets.subarray(12)];
  const numbers = (host.match(/[0-9]+/g) ?? []).map(Number);
  const inRow = [octets, octets.toReversed()].some((order) => holdsRun(numbers, order, 3));
  return inRow || hexAddress(host, octets) || (DIAL_UP.test(host) && numbers.includes(octets[3] ?? -1));
}

/** `wanted` long stretch of `order` stands in `numbers`, side by side. */
function holdsRun(numbers: readonly number[], order: readonly number[], wanted: number): boolean {
  for (let from = 0; from + wanted <= order.length; from++) {
    const run = order.slice(from, from + wanted);
    if (numbers.some((_, at) => run.every((octet, i) => numbers[at + i] === octet))) return true;
  }
  return false;
}

/** `c0000201.isp.example`, `192000002001.isp.example` */
function hexAddress(host: string, octets: readonly number[]): boolean {
  const hex = octets.map((octet) => octet.toString(16).padStart(2, "0")).join("");
  const padded = octets.map((octet) => String(octet).padStart(3, "0")).join("");
  return host.includes(hex) || host.includes(padded);
}

/** The last 64 bits of an address are the machine's own: a name that spells them was made by a program. */
function hasNibbles(host: string, { octets }: IpAddress): boolean {
  const hex = Buffer.from(octets).toString("hex").slice(16);
  const spelt = host.replace(/[.-]/g, "");
  return spelt.includes(hex) || spelt.includes(Array.from(hex).toReversed().join(""));
}
