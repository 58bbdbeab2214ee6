import { setTimeout as sleepTimer } from "node:timers/promises";

/** Time as an argument: the real clock in the server, a manual one in tests. */
export interface Clock {
  /** Milliseconds since 1970-01-01T00:00Z. */
  now(): number;
  /** Resolves after `duration_ms`, or rejects with the signal's reason when it aborts. */
  sleep(duration_ms: number, signal?: AbortSignal): Promise<void>;
}

export const systemClock: Clock = {
  now: () => Date.now(),
  sleep: (duration_ms, signal) => sleepTimer(duration_ms, undefined, signal ? { signal } : {}),
};

/** Milliseconds since some moment, for lengths of time: whoever sets the clock does not change it. */
export const steadyClock: Pick<Clock, "now"> = { now: () => globalThis.performance.now() };

type Sleeper = { readonly due: number; wake(): void };

/** A clock that moves only when told to; sleepers wake in order of their due time. */
export class ManualClock implements Clock {
  #now: number;
  #sleepers: Sleeper[] = [];

  constructor(start = 1_700_000_000_000) {
    this.#now = start;
  }

  now(): number {
    return this.#now;
  }

  sleep(duration_ms: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason as Error);
      const sleeper: Sleeper = { due: this.#now + duration_ms, wake: resolve };
      this.#sleepers.push(sleeper);
      signal?.addEventListener("abort", () => {
        this.#sleepers = this.#sleepers.filter((other) => other !== sleeper);
        reject(signal.reason as Error);
      });
    });
  }

  /** How many wait for a time to come. */
  get sleeping(): number {
    return this.#sleepers.length;
  }

  /** Moves time forward and wakes everyone who is due. */
  advance(duration_ms: number): void {
    this.#now += duration_ms;
    const due = this.#sleepers.filter((s) => s.due <= this.#now).sort((a, b) => a.due - b.due);
    this.#sleepers = this.#sleepers.filter((s) => s.due > this.#now);
    for (const sleeper of due) sleeper.wake();
  }
}
