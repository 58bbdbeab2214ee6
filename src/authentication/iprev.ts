import type { Domain } from "../base/domain-name.ts";
import { parseIp, type IpAddress } from "../base/ip.ts";
import { whenHere, type Soon } from "../base/soon.ts";
import type { Dns, DnsAnswer } from "../dns/answer.ts";
import { reverseName } from "../dns/reverse.ts";
import type { IprevResult } from "./results.ts";
import { Budget, timedDns, type Asking, type Within } from "./timed-dns.ts";

/** Names of one address that are looked at; who owns the address chooses how many there are. RFC 7208 §4.6.4 */
const REVERSE_NAMES_MAX = 10;
/** Ten names that do not answer would take minutes. */
const BUDGET_MS = 20_000;

/** Is the address among those the name has? */
type Confirmation = "yes" | "no" | "failure";

/**
 * Asks for the names of the connecting address and whether one of them points back. RFC 8601 §2.7.3: `permerror` where
 * there is no name, `fail` where none points back, `temperror` where that could not be learned.
 */
export async function checkReverse(address: IpAddress, dns: Dns, signal?: Within): Promise<IprevResult> {
  using budget = new Budget(BUDGET_MS, signal);
  const timed = timedDns(dns, budget);
  const pointed = timed.query(reverseName(address), "PTR");
  const answer = pointed instanceof Promise ? await pointed : pointed;
  if (answer.kind === "failure") return { result: "temperror" };
  const names = answer.kind === "records" ? uniqueNames(answer.records) : [];
  const [reverse] = names;
  if (reverse === undefined) return { result: "permerror" };
  let doubtful = false;
  for (const name of names) {
    const asked = confirmName(name, address, timed);
    const confirmation = asked instanceof Promise ? await asked : asked;
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
export const confirmName = (name: Domain, address: IpAddress, dns: Asking): Soon<Confirmation> =>
  whenHere(dns.query(name, address.family === 4 ? "A" : "AAAA"), (answer) => confirmed(answer, address));

function confirmed(answer: DnsAnswer<string>, address: IpAddress): Confirmation {
  if (answer.kind === "failure") return "failure";
  if (answer.kind !== "records") return "no";
  return answer.records.some((text) => isSameAddress(text, address)) ? "yes" : "no";
}

function isSameAddress(text: string, address: IpAddress): boolean {
  if (text === address.text) return true;
  const other = parseIp(text);
  return other !== undefined && Buffer.compare(other.octets, address.octets) === 0;
}
