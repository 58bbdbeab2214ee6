import { asciiLower } from "../base/ascii.ts";
import { networkOf, type IpAddress } from "../base/ip.ts";
import type { Clock } from "../base/clock.ts";
import type { TableReads, TableWrites } from "../store/store.ts";

/** A suspicious client is taken from its second visit on, if that is this much later (D-10). */
export const GREYLIST_WAIT_S = 300;

/** Access table of those who came once, and of clients that came again. */
export const GREYLIST_TABLE = "greylist";
/** Who does not come again within a day was no mail server; who does is known for five weeks, a newsletter's month. */
const RETRY_MS = 86_400_000;
const KNOWN_MS = 36 * 86_400_000;
/** New entries of one hour; a flood beyond it is let through to the other rules rather than written down. */
const NEW_PER_HOUR = 5_000;
const HOUR_MS = 3_600_000;

/** One network, sender and recipient: pools of servers share a network. RFC 6647 §4.2 */
export function greylistQuestion(client: IpAddress, sender: string, recipient: string): string {
  return asciiLower(
    `${GREYLIST_TABLE} ${networkOf(client, 24, 64)} ${sender} ${recipient}${FROM}${client.text}`,
  );
}

/** Separates what is remembered from the address that asks. */
const FROM = " from ";

type Tables = Pick<TableReads, "accessLookup"> & Pick<TableWrites, "putAccess">;

/** Remembers in the store who came when; bounded by expiry and by new entries an hour. */
export class Greylist {
  readonly #tables: Tables;
  readonly #clock: Clock;
  #hour = 0;
  #new = 0;

  constructor(tables: Tables, clock: Clock) {
    this.#tables = tables;
    this.#clock = clock;
  }

  /**
   * Seconds since the first visit; 0 for the first. A client that has come again for one message does so for all: it is
   * known by its address from then on.
   */
  async since_s(question: string): Promise<number> {
    const now_ms = this.#clock.now();
    const at = question.lastIndexOf(FROM);
    const key = question.slice(GREYLIST_TABLE.length + 1, at);
    const client = question.slice(at + FROM.length);
    if (await this.#isKnown(client, now_ms)) return GREYLIST_WAIT_S;
    const row = await this.#tables.accessLookup(GREYLIST_TABLE, key, now_ms);
    if (row === undefined) {
      if (!this.#mayAdd(now_ms)) return GREYLIST_WAIT_S;
      await this.#put(key, now_ms, now_ms + RETRY_MS);
      return 0;
    }
    const since_s = Math.max(0, Math.trunc((now_ms - row.created_ms) / 1000));
    if (since_s >= GREYLIST_WAIT_S) {
      const known = row.expires_ms !== undefined && row.expires_ms - now_ms > RETRY_MS;
      if (!known) await this.#put(key, row.created_ms, now_ms + KNOWN_MS);
      await this.#put(client, now_ms, now_ms + KNOWN_MS);
    }
    return since_s;
  }

  async #isKnown(client: string, now_ms: number): Promise<boolean> {
    const row = await this.#tables.accessLookup(GREYLIST_TABLE, client, now_ms);
    if (row === undefined) return false;
    // Who sends regularly stays known.
    if ((row.expires_ms ?? Infinity) - now_ms < KNOWN_MS / 2)
      await this.#put(client, row.created_ms, now_ms + KNOWN_MS);
    return true;
  }

  #mayAdd(now_ms: number): boolean {
    const hour = Math.trunc(now_ms / HOUR_MS);
    if (hour !== this.#hour) this.#new = 0;
    this.#hour = hour;
    return this.#new++ < NEW_PER_HOUR;
  }

  #put(key: string, created_ms: number, expires_ms: number): Promise<void> {
    const said = { value: "DUNNO", reason: "came once", author: "greylist_suspicious" };
    return this.#tables.putAccess({ table: GREYLIST_TABLE, key, ...said, created_ms, expires_ms });
  }
}
