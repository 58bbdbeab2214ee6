/**
 * Whether the IPv6 address mail leaves from has a name that leads back to it. Large providers refuse mail from one that has
 * not, and many machines get IPv6 without: then mail goes over IPv4 where the destination has it.
 */
import { checkReverse } from "../authentication/iprev.ts";
import { parseIp } from "../base/ip.ts";
import type { Log } from "../base/log.ts";
import type { Dns } from "../dns/answer.ts";
import { observed } from "../dns/observed.ts";
import type { Source } from "../queue/source.ts";
import { isPublicAddress } from "../tls/public-address.ts";

export type SendingNamesOptions = {
  readonly dns: Dns;
  readonly log: Log;
  /** IPv6 addresses that are configured to be sent from. */
  readonly configured: readonly string[];
  /** The one the system would take towards the Internet; undefined where it has none. */
  readonly usual: () => Promise<string | undefined>;
  /** Whether the system has a way towards the Internet by IPv4. */
  readonly hasIpv4: () => Promise<boolean>;
};

const MINUTE_MS = 60_000;
/** What is known is looked at again when its records have run out, within these bounds. */
const AGAIN_MIN_MS = 10 * MINUTE_MS;
const AGAIN_MAX_MS = 60 * MINUTE_MS;
/** Nothing was learnt: a network that is about to come is there in a minute, one that stays away is not asked for all the time. */
const FAILED_MAX_MS = 10 * MINUTE_MS;

export class SendingNames {
  readonly #options: SendingNamesOptions;
  /** Of public addresses; what is not in here is not known yet. */
  readonly #named = new Map<string, boolean>();
  #usual: string | undefined;
  #hasIpv4 = true;
  #looked = false;
  /** Looks in a row that left something open. */
  #failures = 0;

  constructor(options: SendingNamesOptions) {
    this.#options = options;
  }

  /** May mail from there go over IPv6 where IPv4 would do? While nobody knows it need not. */
  mayUseIpv6(source: Source | undefined): boolean {
    if (!this.#hasIpv4) return true;
    if (!this.#looked) return false;
    const address = source === undefined ? this.#usual : source.ipv6;
    return address === undefined || !isPublic(address) || this.#named.get(address) === true;
  }

  /** Addresses known to have no name. */
  unnamed(): readonly string[] {
    return [...this.#named].flatMap(([address, named]) => (named ? [] : [address]));
  }

  /** Asks anew; where the DNS does not say, what was known stays. Milliseconds until it is worth another look. */
  async look(signal?: AbortSignal): Promise<number> {
    const open = await this.#learn(signal);
    if (typeof open === "number") {
      this.#failures = 0;
      return Math.min(Math.max(open * 1000, AGAIN_MIN_MS), AGAIN_MAX_MS);
    }
    if (this.#failures++ === 0 && signal?.aborted !== true) namesUnknown(this.#options.log, open);
    return Math.min(MINUTE_MS * 2 ** (this.#failures - 1), FAILED_MAX_MS);
  }

  /** For how many seconds it holds, or what stays open. */
  async #learn(signal: AbortSignal | undefined): Promise<number | string> {
    const { configured, usual, hasIpv4 } = this.#options;
    const [ipv4, ipv6] = [await hasIpv4(), await usual()];
    if (!ipv4 && ipv6 === undefined && configured.length === 0)
      return "the system has no way towards the Internet";
    this.#hasIpv4 = ipv4;
    this.#usual = ipv6;
    const addresses = new Set([...configured, ...(this.#usual === undefined ? [] : [this.#usual])]);
    for (const known of this.#named.keys()) if (!addresses.has(known)) this.#named.delete(known);
    let ttl_s = Number.POSITIVE_INFINITY;
    const dns = observed(this.#options.dns, (answer) => {
      if (answer.kind !== "failure") ttl_s = Math.min(ttl_s, answer.ttl_s);
    });
    const asked = [...addresses].filter(isPublic);
    const silent = await Promise.all(asked.map((address) => this.#ask(address, dns, signal)));
    this.#looked = true;
    const open = asked.filter((_, i) => silent[i] === "silent");
    return open.length === 0 ? ttl_s : `the DNS does not say what the name of ${open.join(", ")} is`;
  }

  async #ask(address: string, dns: Dns, signal: AbortSignal | undefined): Promise<"answered" | "silent"> {
    const { log } = this.#options;
    const ip = parseIp(address);
    if (ip === undefined) return "answered";
    const { result } = await checkReverse(ip, dns, signal);
    if (result === "temperror") return "silent";
    const named = result === "pass";
    if (!named && this.#named.get(address) !== false) ipv6Unnamed(log, address);
    this.#named.set(address, named);
    return "answered";
  }
}

const isPublic = (address: string): boolean => {
  const ip = parseIp(address);
  return ip !== undefined && isPublicAddress(ip);
};

const ipv6Unnamed = (log: Log, address: string): void =>
  log.write("warn", "outbound.ipv6-unnamed", {
    address,
    remedy:
      "Have whoever gave you the address set its reverse name (PTR) to the host name, with an AAAA record back; until then mail leaves over IPv4 wherever it can.",
  });

/** Told once for as long as it lasts. */
const namesUnknown = (log: Log, reason: string): void =>
  log.write("info", "outbound.ipv6-unknown", {
    reason,
    remedy: "It is asked again by itself; until then mail leaves over IPv4 wherever it can.",
  });
