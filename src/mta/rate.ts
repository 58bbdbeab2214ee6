import { BoundedMap } from "../accounts/bounded-map.ts";
import type { Clock } from "../base/clock.ts";
import { networkOf, type IpAddress } from "../base/ip.ts";
import { RATE_LIMITS } from "./rate-limits.ts";

export type RateKind =
  | "connections"
  | "userConnections"
  | "messages"
  | "recipients"
  | "handshakes"
  | "logins";
type Bucket = { readonly tokens: number; readonly at_ms: number };
type Size = { readonly key: string; readonly perMinute: number };

const MINUTE_MS = 60_000;

/** How much a client did in the last minute: token buckets for its address or /64, and for the network around it (D-14, D-16). */
export class ClientRates {
  readonly #clock: Clock;
  readonly #limits: Readonly<Record<RateKind, number>>;
  readonly #buckets: BoundedMap<Bucket>;

  constructor(
    clock: Clock,
    limits: Readonly<Record<RateKind, number>> = RATE_LIMITS,
    buckets_max: number = RATE_LIMITS.buckets,
  ) {
    this.#clock = clock;
    this.#limits = limits;
    this.#buckets = new BoundedMap(buckets_max);
  }

  /** Takes one; false where the client or its network has used up what it may, and then nothing is taken. */
  take(kind: RateKind, address: IpAddress): boolean {
    const now_ms = this.#clock.now();
    const found = this.#sizes(kind, address).map(({ key, perMinute }) => ({
      key,
      tokens: this.#tokens(key, perMinute, now_ms),
    }));
    if (found.some(({ tokens }) => tokens < 1)) return false;
    for (const { key, tokens } of found) this.#buckets.set(key, { tokens: tokens - 1, at_ms: now_ms });
    return true;
  }

  /** Gives one back that turned out to be well used. */
  giveBack(kind: RateKind, address: IpAddress): void {
    const now_ms = this.#clock.now();
    for (const { key, perMinute } of this.#sizes(kind, address)) {
      const tokens = Math.min(perMinute, this.#tokens(key, perMinute, now_ms) + 1);
      this.#buckets.set(key, { tokens, at_ms: now_ms });
    }
  }

  /** A clock set back adds nothing and takes nothing. */
  #tokens(key: string, perMinute: number, now_ms: number): number {
    const bucket = this.#buckets.get(key);
    if (bucket === undefined) return perMinute;
    const earned = (Math.max(0, now_ms - bucket.at_ms) * perMinute) / MINUTE_MS;
    return Math.min(perMinute, bucket.tokens + earned);
  }

  #sizes(kind: RateKind, address: IpAddress): readonly Size[] {
    const perMinute = this.#limits[kind];
    return [
      { key: `${kind} ${networkOf(address, 32, 64)}`, perMinute },
      { key: `${kind} ${networkOf(address, 24, 56)}`, perMinute: perMinute * RATE_LIMITS.networkFactor },
    ];
  }
}
