import type { Clock } from "../base/clock.ts";
import type { Dns } from "./answer.ts";
import { observed } from "./observed.ts";

/** The same DNS, and when it last answered anything: who gets no answer learns whether it is the name's fault or our own. */
export class HeardDns implements Dns {
  readonly query: Dns["query"];
  readonly #clock: Clock;
  #heard_ms = Number.NEGATIVE_INFINITY;

  constructor(dns: Dns, clock: Clock) {
    this.#clock = clock;
    // That there is no such name is an answer too; SERVFAIL is what a resolver says that cannot ask anybody.
    const listened = observed(dns, ({ kind }) => {
      if (kind !== "failure") this.#heard_ms = clock.now();
    });
    this.query = (name, type, signal) => listened.query(name, type, signal);
  }

  heardWithin(span_ms: number): boolean {
    return this.#clock.now() - this.#heard_ms < span_ms;
  }
}
