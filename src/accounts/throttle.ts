import type { Clock } from "../base/clock.ts";
import { networkOf, type IpAddress } from "../base/ip.ts";
import type { Log } from "../base/log.ts";
import { loginsBlocked } from "./events.ts";

/**
 * Failed logins, counted once for all protocols (D-26). Numbers are ours; NIST allows 100 failures in a row (F-16).
 */
const WINDOW_MS = 10 * 60_000;
const BLOCK_MS = 60 * 60_000;
/** Failures of one client at one account before its answers slow down, and before it is shut out. */
const SLOW_AFTER = 5;
const BLOCK_AFTER = 20;
/** Failures of one client at all accounts together. */
const CLIENT_BLOCK_AFTER = 50;
/** Failures at one account from everywhere: strangers are shut out, clients that logged in lately are not (D-28). */
const ACCOUNT_BLOCK_AFTER = 100;
const DELAY_STEP_MS = 500;
const DELAY_MAX_MS = 2_000;
/** How long a client that has logged in counts as known. */
const KNOWN_MS = 30 * 86_400_000;
/** Counters kept; the least recently used go first. A flood of addresses costs memory for these and no more. */
const COUNTERS_MAX = 50_000;

export type Admission = {
  /** Wait this long before answering. */
  readonly delay_ms: number;
  /** `known`: only a password that worked from here before is let in. */
  readonly blocked: "no" | "known" | "yes";
};

type Counter = { failures: number; since_ms: number; blockedUntil_ms: number };

/** Decides how an attempt to log in is met. Async, so that several threads or machines can share the counts later. */
export class Throttle {
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #counters = new Map<string, Counter>();
  readonly #known = new Map<string, number>();

  constructor(clock: Clock, log: Log) {
    this.#clock = clock;
    this.#log = log;
  }

  async admit(login: string, remote: IpAddress): Promise<Admission> {
    const client = clientOf(remote);
    const pair = this.#counter(pairKey(login, client));
    const now = this.#clock.now();
    const known = now - (this.#known.get(pairKey(login, client)) ?? Number.NEGATIVE_INFINITY) < KNOWN_MS;
    const pairBlocked = pair.blockedUntil_ms > now || this.#counter(`c ${client}`).blockedUntil_ms > now;
    const accountBlocked = this.#counter(`a ${login}`).blockedUntil_ms > now;
    if (pairBlocked) return { delay_ms: DELAY_MAX_MS, blocked: known ? "known" : "yes" };
    if (accountBlocked && !known) return { delay_ms: DELAY_MAX_MS, blocked: "yes" };
    const over = pair.failures - SLOW_AFTER + 1;
    return { delay_ms: over <= 0 ? 0 : Math.min(over * DELAY_STEP_MS, DELAY_MAX_MS), blocked: "no" };
  }

  async failed(login: string, remote: IpAddress): Promise<void> {
    const client = clientOf(remote);
    this.#count(pairKey(login, client), BLOCK_AFTER, "pair", client, login);
    this.#count(`c ${client}`, CLIENT_BLOCK_AFTER, "client", client, login);
    this.#count(`a ${login}`, ACCOUNT_BLOCK_AFTER, "account", client, login);
  }

  async succeeded(login: string, remote: IpAddress): Promise<void> {
    const client = clientOf(remote);
    this.#counters.delete(pairKey(login, client));
    this.#counters.delete(`a ${login}`);
    remember(this.#known, pairKey(login, client), this.#clock.now());
  }

  #count(
    key: string,
    limit: number,
    scope: "pair" | "client" | "account",
    client: string,
    login: string,
  ): void {
    const counter = this.#counter(key);
    counter.failures++;
    if (counter.failures === limit) {
      counter.blockedUntil_ms = this.#clock.now() + BLOCK_MS;
      loginsBlocked(this.#log, scope, client, login, BLOCK_MS);
    }
    remember(this.#counters, key, counter);
  }

  /** A counter whose window or block is over starts anew. */
  #counter(key: string): Counter {
    const now = this.#clock.now();
    const counter = this.#counters.get(key);
    const live =
      counter !== undefined && (counter.blockedUntil_ms > now || now - counter.since_ms < WINDOW_MS);
    return live ? counter : { failures: 0, since_ms: now, blockedUntil_ms: 0 };
  }
}

const clientOf = (remote: IpAddress): string => networkOf(remote, 32, 64);
const pairKey = (login: string, client: string): string => `p ${client} ${login}`;

/** Maps keep insertion order: the first key is the least recently written. */
function remember<T>(map: Map<string, T>, key: string, value: T): void {
  map.delete(key);
  map.set(key, value);
  if (map.size <= COUNTERS_MAX) return;
  const [oldest] = map.keys();
  if (oldest !== undefined) map.delete(oldest);
}
