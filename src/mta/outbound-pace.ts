/** How fast a destination takes mail: less at once when it says that it is too much, more again little by little. */
import type { Reply } from "../smtp/reply.ts";
import { OUTBOUND_LIMITS } from "./outbound-limits.ts";

/** 421, and 4.7.x, by which the large providers ask for less; greylisting says the same and loses little by it. RFC 3463 §3.8 */
export const asksForLess = ({ code, enhanced }: Reply): boolean =>
  code === 421 || (code >= 400 && code < 500 && enhanced?.startsWith("4.7.") === true);

type Cut = { readonly at_ms: number; readonly connections: number; readonly gap_ms: number };

/**
 * Connections fall to half and the time between two messages doubles, once for all that was under way together; both come
 * back step by step for as long as nobody complains. Pure but for what it remembers: one cut, and how many are under way.
 */
export class Pace {
  /** Deliveries under way, of all destinations that share it. */
  active = 0;
  #cut: Cut | undefined;
  #last_ms = Number.NEGATIVE_INFINITY;
  #promised_ms = Number.NEGATIVE_INFINITY;

  /** The destination asked for less in a try begun at `begun_ms`. What is left to it; undefined where that is known already. */
  slow(now_ms: number, begun_ms: number, connections: number): Omit<Cut, "at_ms"> | undefined {
    if (this.#cut !== undefined && begun_ms <= this.#cut.at_ms) return undefined;
    const allowed = Math.min(connections, this.connections(now_ms));
    this.#cut = {
      at_ms: now_ms,
      connections: Math.max(1, Math.floor(allowed / 2)),
      gap_ms: Math.min(
        OUTBOUND_LIMITS.gapMax_ms,
        Math.max(OUTBOUND_LIMITS.gapMin_ms, 2 * this.gap_ms(now_ms)),
      ),
    };
    return this.#cut;
  }

  /** Connections it may have at once, as far as it has a say. */
  connections(now_ms: number): number {
    return this.#cut === undefined
      ? Number.POSITIVE_INFINITY
      : this.#isOver(now_ms)
        ? Number.POSITIVE_INFINITY
        : this.#cut.connections + this.#steps(now_ms);
  }

  /** From the beginning of one message to that of the next. */
  gap_ms(now_ms: number): number {
    if (this.#cut === undefined) return 0;
    const gap_ms = this.#cut.gap_ms / 2 ** this.#steps(now_ms);
    return gap_ms < OUTBOUND_LIMITS.gapMin_ms ? 0 : gap_ms;
  }

  /** Undefined: a message may begin now, and this one does. Else when it may; many that ask get moments one after another. */
  take(now_ms: number): number | undefined {
    const gap_ms = this.gap_ms(now_ms);
    const free_ms = this.#last_ms + gap_ms;
    if (gap_ms === 0 || now_ms >= free_ms) {
      this.#last_ms = now_ms;
      return undefined;
    }
    const next_ms = Math.max(free_ms, this.#promised_ms + gap_ms);
    // Beyond that the pace has become another one, and they ask again.
    this.#promised_ms = next_ms - now_ms > OUTBOUND_LIMITS.promisedMax_ms ? free_ms : next_ms;
    return this.#promised_ms;
  }

  /** As fast as ever. */
  isFull(now_ms: number): boolean {
    return this.#cut === undefined || this.#isOver(now_ms);
  }

  #isOver(now_ms: number): boolean {
    return this.gap_ms(now_ms) === 0 && this.#steps(now_ms) >= OUTBOUND_LIMITS.recoverSteps;
  }

  #steps(now_ms: number): number {
    return this.#cut === undefined
      ? 0
      : Math.max(0, Math.floor((now_ms - this.#cut.at_ms) / OUTBOUND_LIMITS.recover_ms));
  }
}
