import type { Clock } from "../base/clock.ts";
import { parseDomain } from "../base/domain-name.ts";
import type { Dns } from "./answer.ts";
import { HEARD_MS, SILENT_START_MS } from "./limits.ts";

/** `clock`: one that nobody sets, or an hour set back would be an hour more of being heard. */
type Tools = { readonly clock: Pick<Clock, "now">; readonly newId: () => string };

/**
 * Whether the DNS of the world answers us: who gets no answer about a name learns whether it is the name's fault or our own.
 * Asked is a name of `zone` that nobody has asked for before. What a resolver tells out of its head says nothing: private
 * reverse names (RFC 6303), special names (RFC 6761), zones of its own, whatever it remembers.
 */
export class DnsHearing {
  readonly #dns: Dns;
  readonly #zone: string;
  readonly #tools: Tools;
  #heard_ms: number;
  #asking: Promise<void> | undefined;

  /** `dns`: without a cache. At the start a network or resolver that comes up late is not taken for one that is cut off. */
  constructor(dns: Dns, zone: string, tools: Tools) {
    this.#dns = dns;
    this.#zone = zone;
    this.#tools = tools;
    this.#heard_ms = tools.clock.now() - HEARD_MS + SILENT_START_MS;
  }

  /** Lately; otherwise the answer to a question asked now, which those who come meanwhile share. */
  async isHeard(): Promise<boolean> {
    if (!this.#lately()) await this.ask();
    return this.#lately();
  }

  ask(): Promise<void> {
    return (this.#asking ??= this.#ask().finally(() => (this.#asking = undefined)));
  }

  async #ask(): Promise<void> {
    const { clock, newId } = this.#tools;
    const name = parseDomain(`${newId()}.${this.#zone}`);
    if (name === undefined) return;
    // That there is no such name is the answer hoped for; SERVFAIL is what a resolver says that cannot ask anybody.
    const { kind } = await this.#dns.query(name, "NS");
    if (kind !== "failure") this.#heard_ms = clock.now();
  }

  #lately(): boolean {
    return this.#tools.clock.now() - this.#heard_ms < HEARD_MS;
  }
}
