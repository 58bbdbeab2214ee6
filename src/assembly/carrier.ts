import type { Outbound } from "../mta/outbound.ts";

/** Who empties the queue, as the doors know him: once he is there he begins with a look at all of it, so that no call is missed. */
export class Carrier implements Pick<Outbound, "wake" | "looked_ms"> {
  #outbound: Outbound | undefined;

  begins(outbound: Outbound): void {
    this.#outbound = outbound;
  }

  wake(): void {
    this.#outbound?.wake();
  }

  get looked_ms(): number {
    return this.#outbound?.looked_ms ?? 0;
  }
}
