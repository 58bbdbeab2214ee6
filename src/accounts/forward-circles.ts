/** Addresses here whose mail goes to another server and comes back: nobody reads it, until the operator takes the forward out. */
import type { Clock } from "../base/clock.ts";

/** An address of ours, and where it sends its mail. */
export type Circle = { readonly alias: string; readonly targets: readonly string[] };

/** Addresses remembered. Who invents marks for mail of his can name addresses of ours only, and no more than these. */
const CIRCLES_MAX = 100;
/** What has not come round for so long has been mended. */
const KEPT_MS = 24 * 3_600_000;

/** What went round lately. Begins anew with the process. */
export class ForwardCircles {
  readonly #clock: Clock;
  /** The latest last. */
  readonly #seen = new Map<string, Circle & { readonly at_ms: number }>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  note({ alias, targets }: Circle): void {
    this.#seen.delete(alias);
    this.#seen.set(alias, { alias, targets, at_ms: this.#clock.now() });
    const [oldest] = this.#seen.keys();
    if (this.#seen.size > CIRCLES_MAX && oldest !== undefined) this.#seen.delete(oldest);
  }

  recent(): readonly Circle[] {
    const since_ms = this.#clock.now() - KEPT_MS;
    return [...this.#seen.values()]
      .filter(({ at_ms }) => at_ms >= since_ms)
      .map(({ alias, targets }) => ({ alias, targets }));
  }
}
