import { createHmac } from "node:crypto";
import { asciiLower } from "../base/ascii.ts";
import type { Clock } from "../base/clock.ts";
import type { Store } from "../store/store.ts";
import { BASE32, VALID_DAYS, type Mailbox } from "./srs.ts";

export const KEPT_SENDERS_TABLE = "forwarded-senders";
const DAY_MS = 86_400_000;
/** A day more than the address is good for, and not written anew for every message of a sender. */
const KEPT_MS = (VALID_DAYS + 2) * DAY_MS;
const RENEW_MS = (VALID_DAYS + 1) * DAY_MS;
/** Long senders are rare; whoever makes them up gets no more of our disk. */
const NEW_PER_DAY = 10_000;
/** 80 bits. */
const TOKEN_LENGTH = 16;
/** Where a domain stands in an SRS address; no domain is called so. */
const TOKEN_DOMAIN = "t";

export const isToken = ({ domain }: Mailbox): boolean => asciiLower(domain) === TOKEN_DOMAIN;

/** Senders whose rewritten address would be too long: kept for as long as bounces may come, known again by a token. */
export class KeptSenders {
  readonly #key: Buffer;
  readonly #clock: Clock;
  readonly #tables: Store["tables"];
  #day = 0;
  #newToday = 0;

  constructor(key: Buffer, clock: Clock, tables: Store["tables"]) {
    this.#key = key;
    this.#clock = clock;
    this.#tables = tables;
  }

  /** What stands for this sender (as on the wire); undefined when too many were new today. */
  async keep(sender: string): Promise<Mailbox | undefined> {
    const now_ms = this.#clock.now();
    const token = { localPart: this.#tokenOf(sender), domain: TOKEN_DOMAIN };
    const known = await this.#tables.accessLookup(KEPT_SENDERS_TABLE, token.localPart, now_ms);
    if (known !== undefined && (known.expires_ms ?? 0) - now_ms >= RENEW_MS) return token;
    if (known === undefined && !this.#hasRoom(now_ms)) return undefined;
    await this.#tables.putAccess({
      table: KEPT_SENDERS_TABLE,
      key: token.localPart,
      value: sender,
      reason: "Bounces of forwarded mail go to this sender.",
      author: "forwarding",
      created_ms: known?.created_ms ?? now_ms,
      expires_ms: now_ms + KEPT_MS,
    });
    return token;
  }

  async find({ localPart }: Mailbox): Promise<string | undefined> {
    return (await this.#tables.accessLookup(KEPT_SENDERS_TABLE, asciiLower(localPart), this.#clock.now()))
      ?.value;
  }

  /** The case of a sender may matter, that of a token must not. */
  #tokenOf(sender: string): string {
    const digest = createHmac("sha256", this.#key).update(`sender ${sender}`).digest();
    return Array.from(digest.subarray(0, TOKEN_LENGTH), (octet) => BASE32[octet % 32]).join("");
  }

  #hasRoom(now_ms: number): boolean {
    const day = Math.floor(now_ms / DAY_MS);
    if (day !== this.#day) [this.#day, this.#newToday] = [day, 0];
    return ++this.#newToday <= NEW_PER_DAY;
  }
}
