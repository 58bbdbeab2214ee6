import type { Domain } from "../base/domain-name.ts";
import type { Dns, DnsAnswer, RecordData, RecordType } from "./answer.ts";

/** The same DNS; `seen` is told of every answer, failures among them, before whoever asked. */
export const observed = (dns: Dns, seen: (answer: DnsAnswer<unknown>) => void): Dns => ({
  async query<T extends RecordType>(
    name: Domain,
    type: T,
    signal?: AbortSignal,
  ): Promise<DnsAnswer<RecordData[T]>> {
    const answer = await dns.query(name, type, signal);
    seen(answer);
    return answer;
  },
});
