import type { Domain } from "../base/domain-name.ts";
import type { Dns, DnsAnswer, RecordData, RecordType } from "../dns/answer.ts";

/**
 * The same DNS, whose questions come to a `timeout` as soon as the signal says so, whatever the resolver behind it
 * does or throws; a check never waits longer than it was given.
 */
export function timedDns(dns: Dns, signal: AbortSignal): Dns {
  return {
    async query<T extends RecordType>(name: Domain, type: T): Promise<DnsAnswer<RecordData[T]>> {
      if (signal.aborted) return TIMEOUT;
      const over = Promise.withResolvers<typeof TIMEOUT>();
      const stop = (): void => over.resolve(TIMEOUT);
      signal.addEventListener("abort", stop, { once: true });
      try {
        return await Promise.race([dns.query(name, type, signal), over.promise]);
      } catch (error) {
        if (signal.aborted) return TIMEOUT;
        throw error;
      } finally {
        signal.removeEventListener("abort", stop);
      }
    },
  };
}

const TIMEOUT = { kind: "failure", reason: "timeout" } as const;

/** Ends after `budget_ms`, or earlier with the caller's signal. */
export function withinBudget(budget_ms: number, signal: AbortSignal | undefined): AbortSignal {
  const budget = AbortSignal.timeout(budget_ms);
  return signal === undefined ? budget : AbortSignal.any([signal, budget]);
}
