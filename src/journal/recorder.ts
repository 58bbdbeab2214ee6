import type { Clock } from "../base/clock.ts";
import type { Log } from "../base/log.ts";
import { encodeRecord } from "./encode.ts";
import type { JournalEntry } from "./entry.ts";
import { recordsDropped, writeFailed } from "./events.ts";
import { JOURNAL_LIMITS } from "./limits.ts";
import type { Privacy } from "./privacy.ts";
import type { JournalRecord } from "./record.ts";

export type RecorderOptions = {
  /** `store.journal.record`; resolves after the commit. */
  write(entries: readonly JournalEntry[]): Promise<void>;
  readonly clock: Clock;
  readonly log: Log;
  readonly privacy: Privacy;
};

/** Takes records and writes them in company. A record that must be in the commit of a delivery does not go this way. */
export interface Recorder extends AsyncDisposable {
  /** Returns at once. What does not fit is dropped, counted and logged. */
  add(record: JournalRecord): void;
  /** Records dropped since the start. */
  readonly dropped: number;
  /** Tries to write what waits; resolves when that is done, written or not. */
  flush(): Promise<void>;
}

export const startRecorder = (options: RecorderOptions): Recorder => new BatchingRecorder(options);

class BatchingRecorder implements Recorder {
  readonly #options: RecorderOptions;
  /** As they came; written down many at once, which costs a fraction of one now and then. Fewer than a batch. */
  #fresh: JournalRecord[] = [];
  #waiting: JournalEntry[] = [];
  #length = 0;
  #dropped = 0;
  #unreported = 0;
  #spilling = false;
  /** The loop that writes while anything waits; one at a time, so that records keep their order. */
  #writing: Promise<void> | undefined;
  /** Ends the pause before the next write. */
  #hurry = new AbortController();
  /** Somebody waits for a write: no pause for company. */
  #flushing = 0;
  #closed = false;

  constructor(options: RecorderOptions) {
    this.#options = options;
  }

  get dropped(): number {
    return this.#dropped;
  }

  add(record: JournalRecord): void {
    if (this.#closed) return this.#drop(1, "closing");
    this.#fresh.push(record);
    if (this.#fresh.length >= JOURNAL_LIMITS.batchMax) {
      // Once: where more waits already, writing fails, and its pause is not to be cut short.
      if (this.#waiting.length < JOURNAL_LIMITS.batchMax) this.#hurry.abort();
      this.#encode();
    }
    this.#writing ??= this.#write();
  }

  #encode(): void {
    for (const record of this.#fresh) {
      const entry = encodeRecord(record, this.#options.privacy);
      const full =
        this.#waiting.length >= JOURNAL_LIMITS.waitingMax ||
        this.#length + entry.body.length > JOURNAL_LIMITS.waitingLengthMax;
      if (full) this.#drop(1, "too-many");
      else {
        this.#waiting.push(entry);
        this.#length += entry.body.length;
      }
    }
    this.#fresh = [];
  }

  async flush(): Promise<void> {
    this.#flushing++;
    this.#hurry.abort();
    await this.#writing;
    this.#flushing--;
    // What could not be written now stays due.
    if (this.#waiting.length + this.#fresh.length > 0 && !this.#closed)
      this.#writing ??= this.#write(JOURNAL_LIMITS.retryFirst_ms);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await this.flush();
    const lost = this.#waiting.length + this.#fresh.length;
    this.#waiting = [];
    this.#fresh = [];
    this.#length = 0;
    if (lost > 0) this.#drop(lost, "closing");
    this.#reportDrops("too-many");
  }

  /** Never rejects. After a failure it goes on until it works or somebody waits for the end. */
  async #write(retry_ms = 0): Promise<void> {
    while (this.#waiting.length + this.#fresh.length > 0) {
      if (retry_ms > 0 || this.#waiting.length + this.#fresh.length < JOURNAL_LIMITS.batchMax)
        await this.#pause(retry_ms || JOURNAL_LIMITS.batchWait_ms);
      this.#encode();
      const batch = this.#waiting.slice(0, JOURNAL_LIMITS.batchMax);
      try {
        await this.#options.write(batch);
      } catch (error) {
        retry_ms = Math.min(Math.max(JOURNAL_LIMITS.retryFirst_ms, retry_ms * 2), JOURNAL_LIMITS.retryMax_ms);
        writeFailed(this.#options.log, this.#waiting.length, retry_ms, error);
        if (this.#flushing > 0) break;
        continue;
      }
      retry_ms = 0;
      this.#waiting.splice(0, batch.length);
      this.#length -= batch.reduce((sum, { body }) => sum + body.length, 0);
      this.#reportDrops("too-many");
    }
    this.#writing = undefined;
  }

  async #pause(duration_ms: number): Promise<void> {
    if (this.#flushing > 0) return;
    this.#hurry = new AbortController();
    await this.#options.clock.sleep(duration_ms, this.#hurry.signal).catch(() => {});
  }

  /** The first is reported at once, the others in one line when there is room again. */
  #drop(count: number, why: "too-many" | "closing"): void {
    this.#dropped += count;
    this.#unreported += count;
    if (this.#spilling && why === "too-many") return;
    this.#reportDrops(why);
    this.#spilling = true;
  }

  #reportDrops(why: "too-many" | "closing"): void {
    if (this.#unreported > 0) recordsDropped(this.#options.log, this.#unreported, why);
    this.#unreported = 0;
    this.#spilling = false;
  }
}
