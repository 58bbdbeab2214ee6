import type { Clock } from "../base/clock.ts";
import type { Domain } from "../base/domain-name.ts";
import type { Dns, DnsAnswer, RecordData, RecordType } from "./answer.ts";

/** The same DNS, and when it last answered anything: who gets no answer learns whether it is the name's fault or our own. */
export class HeardDns implements Dns {
  readonly #dns: Dns;
  readonly #clock: Clock;
  #heard_ms = Number.NEGATIVE_INFINITY;

  constructor(dns: Dns, clock: Clock) {
    this.#dns = dns;
    this.#clock = clock;
  }

  async query<T extends RecordType>(
    name: Domain,
    type: T,
    signal?: AbortSignal,
  ): Promise<DnsAnswer<RecordData[T]>> {
    const answer = await this.#dns.query(name, type, signal);
    // That there is no such name is an answer too; SERVFAIL is what a resolver says that cannot ask anybody.
    if (answer.kind !== "failure") this.#heard_ms = this.#clock.now();
    return answer;
  }

  heardWithin(span_ms: number): boolean {
    return this.#clock.now() - this.#heard_ms < span_ms;
  }
}
