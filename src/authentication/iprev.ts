import type { Domain } from "../base/domain-name.ts";
import type { IpAddress } from "../base/ip.ts";
import { parseIp } from "../base/ip.ts";
import type { Dns, DnsAnswer } from "../dns/answer.ts";
import { reverseName } from "../dns/reverse.ts";
import type { IprevResult } from "./results.ts";

/** Names of one address that are looked at; who owns the address chooses how many there are. RFC 7208 §4.6.4 */
export const REVERSE_NAMES_MAX = 10;

/** Is the address among those the name has? */
export type Confirmation = "yes" | "no" | "failure";

/**
 * Asks for the names of the connecting address and whether one of them points back. RFC 8601 §2.7.3: `permerror` where
 * there is no name, `fail` where none points back, `temperror` where that could not be learned.
 */
export async function checkReverse(address: IpAddress, dns: Dns, signal?: AbortSignal): Promise<IprevResult> {
  const answer = await dns.query(reverseName(address), "PTR", signal);
  if (answer.kind === "failure") return { result: "temperror" };
  const names = answer.kind === "records" ? uniqueNames(answer.records) : [];
  const [reverse] = names;
  if (reverse === undefined) return { result: "permerror" };
  let doubtful = false;
  for (const name of names) {
    if (signal?.aborted) return { result: "temperror", reverseName: reverse };
    const confirmation = await confirmName(name, address, dns, signal);
    if (confirmation === "yes") return { result: "pass", name, reverseName: reverse };
    doubtful ||= confirmation === "failure";
  }
  return { result: doubtful ? "temperror" : "fail", reverseName: reverse };
}

/** The confirmed name of an address, for trace fields and rules; undefined without one. */
export async function forwardConfirmedName(
  address: IpAddress,
  dns: Dns,
  signal?: AbortSignal,
): Promise<Domain | undefined> {
  return (await checkReverse(address, dns, signal)).name;
}

/** The names that are looked at: each once, at most ten, as the DNS gave them. */
export function uniqueNames(names: readonly Domain[]): Domain[] {
  return [...new Set(names)].slice(0, REVERSE_NAMES_MAX);
}

/** Asks for the addresses of a name, of the family of `address` only. */
export async function confirmName(
  name: Domain,
  address: IpAddress,
  dns: Dns,
  signal?: AbortSignal,
): Promise<Confirmation> {
  const answer: DnsAnswer<string> = await dns.query(name, address.family === 4 ? "A" : "AAAA", signal);
  if (answer.kind === "failure") return "failure";
  if (answer.kind !== "records") return "no";
  return answer.records.some((text) => isSameAddress(text, address)) ? "yes" : "no";
}

function isSameAddress(text: string, address: IpAddress): boolean {
  const other = parseIp(text);
  return other !== undefined && Buffer.compare(other.octets, address.octets) === 0;
}
