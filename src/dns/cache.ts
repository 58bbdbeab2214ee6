import type { Clock } from "../base/clock.ts";
import type { Domain } from "../base/domain-name.ts";
import type { Dns, DnsAnswer, RecordData, RecordType } from "./answer.ts";
import { CACHE_ENTRIES_MAX } from "./limits.ts";

type Entry = {
  readonly answer: Promise<DnsAnswer<unknown>>;
  /** There as soon as the answer is: nobody has to race with it any more. */
  known?: DnsAnswer<unknown>;
  expires_ms: number;
};

/**
 * Remembers answers for their TTL, also that there are none (RFC 2308), and asks equal questions once. A question belongs
 * to all who ask it: the signal of one ends his waiting, not the question.
 */
export function cachedDns(dns: Dns, clock: Clock): Dns {
  const entries = new Map<string, Entry>();
  return {
    known<T extends RecordType>(name: Domain, type: T): DnsAnswer<RecordData[T]> | undefined {
      const kept = entries.get(`${type} ${name}`);
      if (kept?.known === undefined || kept.expires_ms <= clock.now()) return undefined;
      return kept.known as DnsAnswer<RecordData[T]>;
    },
    query<T extends RecordType>(
      name: Domain,
      type: T,
      signal?: AbortSignal,
    ): Promise<DnsAnswer<RecordData[T]>> {
      const key = `${type} ${name}`;
      const kept = entries.get(key);
      const current = kept !== undefined && kept.expires_ms > clock.now();
      const { answer, known } = current ? kept : ask(key, name, type);
      const asked = answer as Promise<DnsAnswer<RecordData[T]>>;
      return known === undefined ? until(signal, asked) : asked;
    },
  };

  function ask(key: string, name: Domain, type: RecordType): Entry {
    const answer: Promise<DnsAnswer<unknown>> = dns.query(name, type);
    const entry: Entry = { answer, expires_ms: Number.POSITIVE_INFINITY };
    entries.delete(key);
    entries.set(key, entry);
    if (entries.size > CACHE_ENTRIES_MAX) forgetOldest(entries);
    void answer.then((result) => {
      // A failure is shared by those who asked together and is then forgotten.
      entry.known = result;
      entry.expires_ms = result.kind === "failure" ? 0 : clock.now() + result.ttl_s * 1000;
    });
    return entry;
  }
}

async function until<T>(
  signal: AbortSignal | undefined,
  answer: Promise<DnsAnswer<T>>,
): Promise<DnsAnswer<T>> {
  if (signal === undefined) return answer;
  if (signal.aborted) return TIMEOUT;
  const over = Promise.withResolvers<DnsAnswer<T>>();
  const stop = (): void => over.resolve(TIMEOUT);
  signal.addEventListener("abort", stop, { once: true });
  return await Promise.race([answer, over.promise]).finally(() => signal.removeEventListener("abort", stop));
}

const TIMEOUT = { kind: "failure", reason: "timeout" } as const;

function forgetOldest(entries: Map<string, Entry>): void {
  const [oldest] = entries.keys();
  if (oldest !== undefined) entries.delete(oldest);
}
