import type { Clock } from "../base/clock.ts";
import type { Domain } from "../base/domain-name.ts";
import type { Dns, DnsAnswer, RecordData, RecordType } from "./answer.ts";
import { CACHE_ENTRIES_MAX } from "./limits.ts";

type Entry = { readonly answer: Promise<DnsAnswer<unknown>>; expires_ms: number };

/** Remembers answers for their TTL, also that there are none (RFC 2308), and asks equal questions once. */
export function cachedDns(dns: Dns, clock: Clock): Dns {
  const entries = new Map<string, Entry>();
  return {
    query<T extends RecordType>(
      name: Domain,
      type: T,
      signal?: AbortSignal,
    ): Promise<DnsAnswer<RecordData[T]>> {
      const key = `${type} ${name}`;
      const known = entries.get(key);
      if (known !== undefined && known.expires_ms > clock.now())
        return known.answer as Promise<DnsAnswer<RecordData[T]>>;
      const answer = dns.query(name, type, signal);
      const entry: Entry = { answer, expires_ms: Number.POSITIVE_INFINITY };
      entries.delete(key);
      entries.set(key, entry);
      if (entries.size > CACHE_ENTRIES_MAX) forgetOldest(entries);
      void answer.then((result) => {
        // A failure is shared by those who asked together and is then forgotten.
        entry.expires_ms = result.kind === "failure" ? 0 : clock.now() + result.ttl_s * 1000;
      });
      return answer;
    },
  };
}

function forgetOldest(entries: Map<string, Entry>): void {
  const [oldest] = entries.keys();
  if (oldest !== undefined) entries.delete(oldest);
}
