import type { HostTarget, Net } from "../probe.ts";
import type { AttackTarget } from "./contract.ts";
import { ATTACK_LIMITS } from "./limits.ts";

/** Somebody else who wants to be served while the attack goes on: a greeting every half second, and how long it took. */
export class Bystander implements AsyncDisposable {
  readonly #host: HostTarget | undefined;
  readonly #net: Net;
  readonly #over = new AbortController();
  readonly #watching: Promise<void>;
  #longest_ms = 0;

  constructor({ hosts }: AttackTarget, net: Net) {
    this.#host = hosts.find(({ service }) => service === "smtp") ?? hosts[0];
    this.#net = net;
    // Strangers are not greeted twice a second.
    this.#watching = this.#host?.ours === true ? this.#watch() : Promise.resolve();
  }

  get longest_ms(): number {
    return this.#longest_ms;
  }

  async isServed(): Promise<boolean> {
    if (this.#host === undefined) return true;
    const began_ms = this.#net.clock.now();
    const connected = await this.#net.connect(this.#host);
    if (!connected.ok) return false;
    using visit = connected.value;
    // Where TLS comes first the connection itself is the greeting.
    if (this.#host.service === "smtp" && !(await visit.reply()).ok) return false;
    this.#longest_ms = Math.max(this.#longest_ms, Math.round(this.#net.clock.now() - began_ms));
    return true;
  }

  async #watch(): Promise<void> {
    const { signal } = this.#over;
    while (!signal.aborted) {
      await this.isServed();
      await this.#net.clock.sleep(ATTACK_LIMITS.bystander_ms, signal).catch(() => {});
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#over.abort();
    await this.#watching;
  }
}
