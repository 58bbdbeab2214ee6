import type { Domain } from "../base/domain-name.ts";
import type { Dns, DnsAnswer, RecordData, RecordType } from "../dns/answer.ts";

/**
 * The same DNS, whose questions come to a `timeout` as soon as the signal says so, whatever the resolver behind it
 * does or throws; a check never waits longer than it was given.
 */
export function timedDns(dns: Dns, signal: AbortSignal): Dns {
  const over = Promise.withResolvers<typeof TIMEOUT>();
  signal.addEventListener("abort", () => over.resolve(TIMEOUT), { once: true });
  return {
    async query<T extends RecordType>(name: Domain, type: T): Promise<DnsAnswer<RecordData[T]>> {
      if (signal.aborted) return TIMEOUT;
      try {
        return await Promise.race([dns.query(name, type, signal), over.promise]);
      } catch (error) {
        if (signal.aborted) return TIMEOUT;
        throw error;
      }
    },
  };
}

const TIMEOUT = { kind: "failure", reason: "timeout" } as const;

/** The time one check has: over after `budget_ms`, or earlier with the caller's signal. Disposing of it leaves no timer behind. */
export class Budget implements Disposable {
  readonly #over = new AbortController();
  readonly #timer: NodeJS.Timeout;
  readonly #caller: AbortSignal | undefined;
  readonly #end = (): void => this.#over.abort(OVER);

  constructor(budget_ms: number, caller: AbortSignal | undefined) {
    this.#caller = caller;
    this.#timer = setTimeout(this.#end, budget_ms).unref();
    if (caller?.aborted === true) this.#end();
    else caller?.addEventListener("abort", this.#end, { once: true });
  }

  get signal(): AbortSignal {
    return this.#over.signal;
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#timer);
    this.#caller?.removeEventListener("abort", this.#end);
  }
}

/** One for all: making an error walks the stack. */
const OVER = new Error("no time left");
