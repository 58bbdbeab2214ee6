import type { Domain } from "../base/domain-name.ts";
import type { Dns, DnsAnswer, RecordData, RecordType } from "../dns/answer.ts";

/**
 * The same DNS within a budget: questions come to a `timeout` as soon as it is over, whatever the resolver behind it
 * does or throws; a check never waits longer than it was given. What the resolver knows costs no timer.
 */
export function timedDns(dns: Dns, budget: Budget): Dns {
  return {
    async query<T extends RecordType>(name: Domain, type: T): Promise<DnsAnswer<RecordData[T]>> {
      if (budget.isOver) return TIMEOUT;
      const known = dns.known?.(name, type);
      if (known !== undefined) return known;
      try {
        return await Promise.race([dns.query(name, type, budget.signal), budget.timeout]);
      } catch (error) {
        if (budget.isOver) return TIMEOUT;
        throw error;
      }
    },
  };
}

const TIMEOUT = { kind: "failure", reason: "timeout" } as const;

/** Ends a check early: the caller's signal, or the budget of which this check is a part. */
export type Within = AbortSignal | Budget;

/**
 * The time one check has: over after `budget_ms`, or earlier with the caller's. Its timer and signal are made when
 * somebody waits for the first time: most checks find all answers in the cache. Disposing of it leaves no timer behind.
 */
export class Budget implements Disposable {
  readonly #end_ms: number;
  readonly #within: Within | undefined;
  #waiting: Waiting | undefined;

  constructor(budget_ms: number, within: Within | undefined) {
    this.#end_ms = performance.now() + budget_ms;
    this.#within = within;
  }

  get isOver(): boolean {
    if (this.#waiting !== undefined) return this.#waiting.over.signal.aborted;
    const within = this.#within;
    return (within instanceof Budget ? within.isOver : within?.aborted === true) || this.#left_ms() <= 0;
  }

  get signal(): AbortSignal {
    return this.#wait().over.signal;
  }

  /** Resolves when the time is over. */
  get timeout(): Promise<typeof TIMEOUT> {
    return this.#wait().timeout.promise;
  }

  #left_ms(): number {
    return this.#end_ms - performance.now();
  }

  #wait(): Waiting {
    if (this.#waiting !== undefined) return this.#waiting;
    const over = new AbortController();
    const timeout = Promise.withResolvers<typeof TIMEOUT>();
    const end = (): void => {
      over.abort(OVER);
      timeout.resolve(TIMEOUT);
    };
    const caller = this.#within instanceof Budget ? this.#within.signal : this.#within;
    const timer = setTimeout(end, Math.max(this.#left_ms(), 0)).unref();
    if (caller?.aborted === true) end();
    else caller?.addEventListener("abort", end, { once: true });
    const stop = (): void => {
      clearTimeout(timer);
      caller?.removeEventListener("abort", end);
    };
    this.#waiting = { over, timeout, stop };
    return this.#waiting;
  }

  [Symbol.dispose](): void {
    this.#waiting?.stop();
  }
}

type Waiting = {
  readonly over: AbortController;
  readonly timeout: PromiseWithResolvers<typeof TIMEOUT>;
  readonly stop: () => void;
};

/** One for all: making an error walks the stack. */
const OVER = new Error("no time left");
