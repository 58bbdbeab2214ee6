/**
 * Whether the IPv6 address mail leaves from has a name that leads back to it. Large providers refuse mail from one that has
 * not, and many machines get IPv6 without: then mail goes over IPv4 where the destination has it.
 */
import { checkReverse } from "../authentication/iprev.ts";
import { parseIp } from "../base/ip.ts";
import type { Log } from "../base/log.ts";
import type { Dns } from "../dns/answer.ts";
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

export class SendingNames {
  readonly #options: SendingNamesOptions;
  /** Of public addresses; what is not in here is not known yet. */
  readonly #named = new Map<string, boolean>();
  #usual: string | undefined;
  #hasIpv4 = true;
  #looked = false;

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

  /** Asks anew; where the DNS does not say, what was known stays. False: there is no way out at all yet, so nothing was learnt. */
  async look(signal?: AbortSignal): Promise<boolean> {
    const { configured, usual, hasIpv4 } = this.#options;
    const [ipv4, ipv6] = [await hasIpv4(), await usual()];
    if (!ipv4 && ipv6 === undefined && configured.length === 0) return false;
    this.#hasIpv4 = ipv4;
    this.#usual = ipv6;
    const addresses = new Set([...configured, ...(this.#usual === undefined ? [] : [this.#usual])]);
    for (const known of this.#named.keys()) if (!addresses.has(known)) this.#named.delete(known);
    await Promise.all([...addresses].filter(isPublic).map((address) => this.#ask(address, signal)));
    this.#looked = true;
    return true;
  }

  async #ask(address: string, signal: AbortSignal | undefined): Promise<void> {
    const { dns, log } = this.#options;
    const ip = parseIp(address);
    if (ip === undefined) return;
    const { result } = await checkReverse(ip, dns, signal);
    if (result === "temperror") return;
    const named = result === "pass";
    if (!named && this.#named.get(address) !== false) ipv6Unnamed(log, address);
    this.#named.set(address, named);
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
