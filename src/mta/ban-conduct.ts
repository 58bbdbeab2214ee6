import { createHmac } from "node:crypto";
import { BoundedMap } from "../accounts/bounded-map.ts";
import type { Clock } from "../base/clock.ts";
import { networkOf, type IpAddress } from "../base/ip.ts";
import type { Ban, BanList } from "./ban-list.ts";
import { BAN_LIMITS } from "./rate-limits.ts";

/** What one client did since its last quiet hour. */
type Deeds = {
  readonly last_ms: number;
  readonly guesses: ReadonlySet<string>;
  readonly relays: number;
  readonly unknown: number;
  readonly accepted: number;
  readonly earlyTalks: number;
};

export type ConductTools = {
  readonly bans: BanList;
  readonly clock: Clock;
  /** Of this process: what was guessed is remembered as a digest that nobody else can compute. */
  readonly key: Uint8Array;
  /** A client was banned: to the log and to the table. */
  readonly banned: (ban: Ban) => void;
};

/** Counts what guessers and probers do and honest clients rarely, and bans who does too much of it (S-18, D-26). */
export class Conduct {
  readonly #tools: ConductTools;
  readonly #records = new BoundedMap<Deeds>(BAN_LIMITS.counters);
  readonly #known = new BoundedMap<number>(BAN_LIMITS.counters);

  constructor(tools: ConductTools) {
    this.#tools = tools;
  }

  /** The same guess again is a program with an old password, and counts once. */
  wrongLogin(address: IpAddress, login: string, password: string): void {
    const { key } = this.#tools;
    if (this.isKnown(address)) return;
    const digest = createHmac("sha256", key).update(`${login}\0${password}`).digest("base64").slice(0, 12);
    const record = this.#record(clientOf(address));
    const guesses = new Set(record.guesses).add(digest);
    this.#count(address, { ...record, guesses });
  }

  /** Somebody has logged in from there lately. */
  isKnown(address: IpAddress): boolean {
    return this.#tools.clock.now() - (this.#known.get(clientOf(address)) ?? -Infinity) < BAN_LIMITS.known_ms;
  }

  rightLogin(address: IpAddress): void {
    const client = clientOf(address);
    this.#known.set(client, this.#tools.clock.now());
    const record = this.#record(client);
    if (record.guesses.size > 0) this.#records.set(client, { ...record, guesses: new Set() });
  }

  relayAttempt(address: IpAddress): void {
    const record = this.#record(clientOf(address));
    this.#count(address, { ...record, relays: record.relays + 1 });
  }

  unknownRecipient(address: IpAddress): void {
    const record = this.#record(clientOf(address));
    this.#count(address, { ...record, unknown: record.unknown + 1 });
  }

  /** Matters only for who has asked for unknown ones too. */
  goodRecipient(address: IpAddress): void {
    const client = clientOf(address);
    const record = this.#record(client);
    if (record.unknown > 0) this.#records.set(client, { ...record, accepted: record.accepted + 1 });
  }

  earlyTalk(address: IpAddress): void {
    const record = this.#record(clientOf(address));
    this.#count(address, { ...record, earlyTalks: record.earlyTalks + 1 });
  }

  #record(client: string): Deeds {
    const record = this.#records.get(client);
    const fresh = record !== undefined && this.#tools.clock.now() - record.last_ms < BAN_LIMITS.window_ms;
    return fresh ? record : NOTHING;
  }

  #count(address: IpAddress, record: Deeds): void {
    const { bans, clock, banned } = this.#tools;
    const client = clientOf(address);
    const why = offence(record);
    if (why === undefined) return this.#records.set(client, { ...record, last_ms: clock.now() });
    this.#records.delete(client);
    const ban = bans.ban(address, why);
    if (ban !== undefined) banned(ban);
  }
}

const NOTHING: Deeds = {
  last_ms: 0,
  guesses: new Set(),
  relays: 0,
  unknown: 0,
  accepted: 0,
  earlyTalks: 0,
};

/** For people who read the list of bans. */
function offence({ guesses, relays, unknown, accepted, earlyTalks }: Deeds): string | undefined {
  if (guesses.size >= BAN_LIMITS.guesses) return `guessed ${guesses.size} passwords`;
  if (relays >= BAN_LIMITS.relays) return `tried ${relays} times to relay`;
  if (earlyTalks >= BAN_LIMITS.earlyTalks) return `talked before the banner ${earlyTalks} times`;
  const probes =
    unknown >= BAN_LIMITS.unknownRecipients && unknown / (unknown + accepted) >= BAN_LIMITS.unknownShare;
  return probes ? `asked for ${unknown} users who do not exist` : undefined;
}

const clientOf = (address: IpAddress): string => networkOf(address, 32, 64);
