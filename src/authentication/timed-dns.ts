import type { Domain } from "../base/domain-name.ts";
import type { Soon } from "../base/soon.ts";
import type { Dns, DnsAnswer, RecordData, RecordType } from "../dns/answer.ts";

/** Asks; what the resolver knows is there at once. */
export interface Asking {
  query<T extends RecordType>(name: Domain, type: T): Soon<DnsAnswer<RecordData[T]>>;
}

/**
 * The same DNS within a budget: questions come to a `timeout` as soon as it is over, whatever the resolver behind it
 * does or throws; a check never waits longer than it was given. What the resolver knows costs no timer.
 */
export function timedDns(dns: Dns, budget: Budget): Asking {
  return {
    query: (name, type) =>
      dns.known?.(name, type) ?? (budget.isOver ? TIMEOUT : waitFor(dns, name, type, budget)),
  };
}

async function waitFor<T extends RecordType>(
  dns: Dns,
  name: Domain,
  type: T,
  budget: Budget,
): Promise<DnsAnswer<RecordData[T]>> {
  try {
    return await Promise.race([dns.query(name, type, budget.signal), budget.timeout]);
  } catch (error) {
    if (budget.isOver) return TIMEOUT;
    throw error;
  }
}

const TIMEOUT = { kind: "failure", reason: "timeout" } as const;

/** Ends a check early: the caller's signal, or the budget or session of which this check is a part. */
export type Within = AbortSignal | Ending;

/** Is over some time; its signal is made when somebody waits for the first time. */
type Ending = { readonly isOver: boolean; readonly signal: AbortSignal };

/** Ends when somebody says so. */
export class Session implements Ending {
  #isOver = false;
  #controller: AbortController | undefined;

  get isOver(): boolean {
    return this.#isOver;
  }

  get signal(): AbortSignal {
    this.#controller ??= new AbortController();
    if (this.#isOver) this.#controller.abort(OVER);
    return this.#controller.signal;
  }

  end(): void {
    this.#isOver = true;
    this.#controller?.abort(OVER);
  }
}

/**
 * The time one check has: over after `budget_ms`, or earlier with the caller's. Its timer and signal are made when
 * somebody waits for the first time: most checks find all answers in the cache. Disposing of it leaves no timer behind.
 */
export class Budget implements Ending, Disposable {
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
    return (within !== undefined && isOver(within)) || this.#left_ms() <= 0;
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
    const within = this.#within;
    const caller = within instanceof AbortSignal ? within : within?.signal;
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

const isOver = (within: Within): boolean => (within instanceof AbortSignal ? within.aborted : within.isOver);

type Waiting = {
  readonly over: AbortController;
  readonly timeout: PromiseWithResolvers<typeof TIMEOUT>;
  readonly stop: () => void;
};

/** One for all: making an error walks the stack. */
const OVER = new Error("no time left");
