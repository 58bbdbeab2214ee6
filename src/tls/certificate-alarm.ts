import type { Clock } from "../base/clock.ts";
import type { Log } from "../base/log.ts";
import { expiryAlarm, type ExpiryAlarm, type Validity } from "./acme-renewal.ts";
import { certificateExpires } from "./certificate-events.ts";

/** An alarm that stays is repeated, not shouted. */
const REPEAT_MS = 86_400_000;

/** Raises the alarm when a certificate runs out: at once when it gets worse, then once a day (T-58). */
export class ExpiryWatch {
  readonly #world: { readonly clock: Clock; readonly log: Log };
  #last: { readonly alarm: ExpiryAlarm; readonly at_ms: number } = { alarm: "none", at_ms: 0 };

  constructor(world: { readonly clock: Clock; readonly log: Log }) {
    this.#world = world;
  }

  look(validity: Validity): void {
    const now_ms = this.#world.clock.now();
    const alarm = expiryAlarm(validity, now_ms);
    if (alarm === this.#last.alarm && now_ms - this.#last.at_ms < REPEAT_MS) return;
    this.#last = { alarm, at_ms: now_ms };
    if (alarm !== "none") certificateExpires(this.#world.log, alarm, validity.notAfter_ms);
  }
}
