import { BoundedMap } from "../accounts/bounded-map.ts";
import type { Clock } from "../base/clock.ts";
import { cidrContains, isLoopback, networkOf, parseCidr, type Cidr, type IpAddress } from "../base/ip.ts";
import type { BanTold } from "../journal/record.ts";
import { BAN_LIMITS } from "./rate-limits.ts";

/** Who may not connect for a while, and why. */
export type Ban = {
  /** `192.0.2.1/32`, `2001:db8::/64`, or what an operator wrote. */
  readonly network: string;
  /** For people. */
  readonly reason: string;
  readonly since_ms: number;
  /** Absent: until somebody lifts it. */
  readonly until_ms?: number;
};

/** As the journal keeps it. */
export const banTold = ({ network, reason, until_ms }: Ban): BanTold => ({
  network,
  offence: reason,
  ...(until_ms === undefined ? {} : { until_ms }),
});

type Offences = { readonly count: number; readonly last_ms: number };

/**
 * Addresses that are refused at connect, each for a time and with a reason. What it says depends on what it was told
 * and on the clock alone.
 */
export class BanList {
  readonly #clock: Clock;
  readonly #max: number;
  readonly #clients = new Map<string, Ban>();
  #networks: readonly (readonly [Cidr, Ban])[] = [];
  #spared: readonly Cidr[] = [];
  readonly #offences: BoundedMap<Offences>;

  constructor(clock: Clock, max: number = BAN_LIMITS.bans) {
    this.#clock = clock;
    this.#max = max;
    this.#offences = new BoundedMap(max);
  }

  /** The operator's own: like this machine never banned, whatever they do (D-12). */
  spare(networks: readonly Cidr[]): void {
    this.#spared = networks;
  }

  isSpared(address: IpAddress): boolean {
    return isLoopback(address) || this.#spared.some((cidr) => cidrContains(cidr, address));
  }

  /** The ban, made or made longer; undefined for an address that is spared. */
  ban(address: IpAddress, reason: string): Ban | undefined {
    if (this.isSpared(address)) return undefined;
    const network = networkOf(address, 32, 64);
    const now_ms = this.#clock.now();
    const before = this.#offences.get(network);
    const count = before !== undefined && now_ms - before.last_ms < BAN_LIMITS.memory_ms ? before.count : 0;
    this.#offences.set(network, { count: count + 1, last_ms: now_ms });
    const ban = { network, reason, since_ms: now_ms, until_ms: now_ms + durationAfter(count) };
    this.#keep(ban);
    return ban;
  }

  /** The ban that meets this address now. */
  find(address: IpAddress): Ban | undefined {
    if (this.#clients.size === 0 && this.#networks.length === 0) return undefined;
    const own = this.#clients.get(networkOf(address, 32, 64));
    const ban = own !== undefined && this.#lasts(own) ? own : this.#wider(address);
    return ban === undefined || this.isSpared(address) ? undefined : ban;
  }

  /** All that last, newest first. */
  list(): readonly Ban[] {
    const all = [...this.#clients.values(), ...this.#networks.map(([, ban]) => ban)];
    return all.filter((ban) => this.#lasts(ban)).sort((a, b) => b.since_ms - a.since_ms);
  }

  /** Puts these in the place of all bans: what the table says after the server started or an operator changed it. */
  replace(bans: readonly Ban[]): void {
    this.#clients.clear();
    const networks: [Cidr, Ban][] = [];
    for (const ban of bans) {
      const cidr = parseCidr(ban.network);
      if (cidr === undefined) continue;
      const { address, prefix_bits } = cidr;
      if (prefix_bits >= (address.family === 4 ? 32 : 64))
        this.#keep({ ...ban, network: networkOf(address, 32, 64) });
      else if (networks.length < BAN_LIMITS.networks) networks.push([cidr, ban]);
    }
    this.#networks = networks;
  }

  #wider(address: IpAddress): Ban | undefined {
    return this.#networks.find(([cidr, ban]) => cidrContains(cidr, address) && this.#lasts(ban))?.[1];
  }

  #lasts({ until_ms = Infinity }: Ban): boolean {
    return until_ms > this.#clock.now();
  }

  /** The oldest goes when there are too many: it would have ended first. */
  #keep(ban: Ban): void {
    this.#clients.delete(ban.network);
    this.#clients.set(ban.network, ban);
    if (this.#clients.size <= this.#max) return;
    const [oldest] = this.#clients.keys();
    if (oldest !== undefined) this.#clients.delete(oldest);
  }
}

const durationAfter = (offences: number): number =>
  Math.min(BAN_LIMITS.first_ms * BAN_LIMITS.growth ** Math.min(offences, 10), BAN_LIMITS.longest_ms);
