import { createHash } from "node:crypto";
import type { Clock } from "../base/clock.ts";
import { networkOf, type IpAddress } from "../base/ip.ts";
import type { Log } from "../base/log.ts";
import { BoundedMap } from "./bounded-map.ts";
import { loginsBlocked } from "./events.ts";

/** How an attempt at a password that a person chose is met. Passwords the server made cannot be guessed and need none of it. */
export type Admission = {
  /** Wait this long before looking at the password. */
  readonly delay_ms: number;
  /** No password is looked at. */
  readonly blocked: boolean;
  /** This client has logged in to this account lately. */
  readonly known: boolean;
};

/**
 * Failed logins, counted once for all protocols (D-26). Async, so that several threads or machines can share the counts
 * later.
 */
export interface Throttle {
  admit(login: string, remote: IpAddress): Promise<Admission>;
  failed(login: string, remote: IpAddress): Promise<void>;
  succeeded(login: string, remote: IpAddress): Promise<void>;
}

export type ThrottleScope = "pair" | "client" | "account";
type Rule = {
  /** Failures that block. */
  readonly block_after: number;
  /** Without a failure for this long, the count starts anew. */
  readonly quiet_ms: number;
};
const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;

const RULES: Readonly<Record<ThrottleScope, Rule>> = {
  /** One client at one account: a person who mistypes twenty times needs a break, and someone else's help. */
  pair: { block_after: 20, quiet_ms: 10 * MINUTE_MS },
  /** One client at all accounts: an office behind one address has a few people who mistype at once. */
  client: { block_after: 50, quiet_ms: 10 * MINUTE_MS },
  /** One account from everywhere: NIST SP 800-63B-4 §3.2.2 allows 100 in a row (F-16), however slowly they come. */
  account: { block_after: 100, quiet_ms: DAY_MS },
};
const BLOCK_MS = 60 * MINUTE_MS;
/** From this many failures of one client at one account on, answers slow down: 0.5, 1, 2, 4, 4 … seconds. */
const SLOW_AFTER = 5;
const DELAY_FIRST_MS = 500;
const DELAY_MAX_MS = 4_000;
/** How long a client that has logged in counts as known: a month covers holidays. */
const KNOWN_MS = 30 * DAY_MS;
/** Per kind; some 200 octets each. A flood of addresses or names costs memory for these and no more. */
const COUNTERS_MAX = 50_000;

type Counter = { readonly failures: number; readonly last_ms: number; readonly blockedUntil_ms: number };
const NONE: Counter = { failures: 0, last_ms: 0, blockedUntil_ms: 0 };

/** The counts of one process. */
export class MemoryThrottle implements Throttle {
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #counters: Readonly<Record<ThrottleScope, BoundedMap<Counter>>> = {
    pair: new BoundedMap(COUNTERS_MAX),
    client: new BoundedMap(COUNTERS_MAX),
    account: new BoundedMap(COUNTERS_MAX),
  };
  readonly #known = new BoundedMap<number>(COUNTERS_MAX);

  constructor(clock: Clock, log: Log) {
    this.#clock = clock;
    this.#log = log;
  }

  /** A known client answers for itself alone: what others do to the account or behind its address never shuts it out (D-28). */
  async admit(login: string, remote: IpAddress): Promise<Admission> {
    const keys = keysOf(login, remote);
    const now = this.#clock.now();
    const known = now - (this.#known.get(keys.pair) ?? -Infinity) < KNOWN_MS;
    const pair = this.#counter("pair", keys.pair);
    const scopes: readonly ThrottleScope[] = known ? ["pair"] : ["pair", "client", "account"];
    const blocked = scopes.some((scope) => this.#counter(scope, keys[scope]).blockedUntil_ms > now);
    return { delay_ms: delayAfter(pair.failures), blocked, known };
  }

  async failed(login: string, remote: IpAddress): Promise<void> {
    const keys = keysOf(login, remote);
    const now = this.#clock.now();
    for (const scope of ["pair", "client", "account"] as const) {
      const counter = this.#counter(scope, keys[scope]);
      const failures = counter.failures + 1;
      const blocks = failures === RULES[scope].block_after;
      if (blocks) loginsBlocked(this.#log, scope, clientNetwork(remote), login, BLOCK_MS);
      const blockedUntil_ms = blocks ? now + BLOCK_MS : counter.blockedUntil_ms;
      this.#counters[scope].set(keys[scope], { failures, last_ms: now, blockedUntil_ms });
    }
  }

  /** Clears this client's failures; those of others at the account stay, or a mailbox that is polled would hide an attack. */
  async succeeded(login: string, remote: IpAddress): Promise<void> {
    const keys = keysOf(login, remote);
    const own = this.#counter("pair", keys.pair).failures;
    const account = this.#counter("account", keys.account);
    this.#counters.pair.delete(keys.pair);
    if (own > 0) {
      const failures = Math.max(0, account.failures - own);
      this.#counters.account.set(keys.account, { ...account, failures });
    }
    this.#known.set(keys.pair, this.#clock.now());
  }

  /** A counter whose block is over, or that has been quiet, starts anew. */
  #counter(scope: ThrottleScope, key: string): Counter {
    const counter = this.#counters[scope].get(key);
    if (counter === undefined) return NONE;
    const now = this.#clock.now();
    if (counter.blockedUntil_ms > 0) return counter.blockedUntil_ms > now ? counter : NONE;
    return now - counter.last_ms < RULES[scope].quiet_ms ? counter : NONE;
  }
}

/** Whom failures are counted against: an IPv4 address, or the /64 an IPv6 client can choose from. */
export const clientNetwork = (remote: IpAddress): string => networkOf(remote, 32, 64);

function delayAfter(failures: number): number {
  if (failures < SLOW_AFTER) return 0;
  return Math.min(DELAY_FIRST_MS * 2 ** Math.min(failures - SLOW_AFTER, 10), DELAY_MAX_MS);
}

/** Names come from anybody in any length, so that keys are digests. */
function keysOf(login: string, remote: IpAddress): Readonly<Record<ThrottleScope, string>> {
  const account = createHash("sha256").update(login).digest("base64").slice(0, 22);
  const client = clientNetwork(remote);
  return { pair: `${account} ${client}`, client, account };
}
