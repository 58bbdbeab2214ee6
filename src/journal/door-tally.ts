import type { Clock } from "../base/clock.ts";
import { networkOf, type IpAddress } from "../base/ip.ts";
import { JOURNAL_LIMITS } from "./limits.ts";
import type { BanTold, JournalRecord } from "./record.ts";

export type DoorRecord = Extract<JournalRecord, { readonly kind: "door" }>;

export type Refusal = {
  readonly door: string;
  readonly address: IpAddress;
  /** A `DoorReason`, or the reason constant of a reply. */
  readonly reason: string;
  readonly ban?: BanTold;
};

export type DoorTallyOptions = {
  readonly add: (record: DoorRecord) => void;
  readonly newId: () => string;
  readonly clock: Clock;
};

/**
 * Counts refusals so that a flood cannot fill the journal: the first of a client is a record at once, so that its id is
 * found while the client still quotes it; those of the same minute are one more. Where too many clients come, the rest
 * share a record that names none of them.
 */
export class DoorTally implements Disposable {
  readonly #options: DoorTallyOptions;
  readonly #open = new Map<string, DoorRecord>();
  #tokens: number = JOURNAL_LIMITS.doorRecords;
  #refilled_ms: number;

  constructor(options: DoorTallyOptions) {
    this.#options = options;
    this.#refilled_ms = options.clock.now();
  }

  /** The id to quote. */
  refused({ door, address, reason, ban }: Refusal): string {
    const now_ms = this.#options.clock.now();
    this.#close(now_ms - JOURNAL_LIMITS.doorWindow_ms);
    const own = address.family === 4 ? address.text : networkOf(address, 32, 64);
    const known = this.#open.get(`${reason} ${own}`);
    if (known !== undefined) return this.#again(known, now_ms);
    const client = this.#mayName(now_ms) ? own : "";
    const shared = this.#open.get(`${reason} ${client}`);
    if (shared !== undefined) return this.#again(shared, now_ms);
    const record: DoorRecord = {
      kind: "door",
      id: this.#options.newId(),
      at_ms: now_ms,
      since_ms: now_ms,
      door,
      client,
      reason,
      count: 1,
      ...(ban === undefined || client === "" ? {} : { ban }),
    };
    this.#open.set(`${reason} ${client}`, record);
    this.#options.add(record);
    return record.id;
  }

  /** Writes down what is older than a minute; called now and then, since who was refused may not come again. */
  settle(): void {
    this.#close(this.#options.clock.now() - JOURNAL_LIMITS.doorWindow_ms);
  }

  [Symbol.dispose](): void {
    this.#close(Infinity);
  }

  #again(record: DoorRecord, now_ms: number): string {
    this.#open.set(`${record.reason} ${record.client}`, {
      ...record,
      at_ms: now_ms,
      count: record.count + 1,
    });
    return record.id;
  }

  /** The oldest stand first in the map: a record keeps the place of its first refusal. */
  #close(before_ms: number): void {
    for (const [key, record] of this.#open) {
      if (record.since_ms > before_ms) return;
      this.#open.delete(key);
      if (record.count > 1) this.#options.add(record);
    }
  }

  #mayName(now_ms: number): boolean {
    const { doorRecords, doorRecordsPerMinute } = JOURNAL_LIMITS;
    const earned = (Math.max(0, now_ms - this.#refilled_ms) * doorRecordsPerMinute) / 60_000;
    this.#tokens = Math.min(doorRecords, this.#tokens + earned);
    this.#refilled_ms = now_ms;
    if (this.#tokens < 1) return false;
    this.#tokens--;
    return true;
  }
}
