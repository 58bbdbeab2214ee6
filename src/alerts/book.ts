import { z } from "zod";
import type { Condition } from "./conditions.ts";
import { ALERT_LIMITS } from "./limits.ts";
import { ALERTS, type AlertKind } from "./words.ts";

/** Something to tell: it has begun, or it is over. */
export type AlertChange = { readonly state: "raised" | "cleared"; readonly alert: Condition };

const kinds = Object.keys(ALERTS) as [AlertKind, ...AlertKind[]];
const saved = z
  .array(
    z.object({
      id: z.string(),
      kind: z.enum(kinds),
      urgent: z.boolean(),
      values: z.record(z.string(), z.string()),
    }),
  )
  .max(ALERT_LIMITS.alertsMax);

/** Which alerts have been told. What is so for several looks in a row is told once, and once more when it is over. */
export class AlertBook {
  readonly #told = new Map<string, Condition>();
  /** Looks in a row that said otherwise than what was told. */
  readonly #doubts = new Map<string, number>();

  /** Reads what an earlier process had told; what cannot be read is told again. */
  constructor(text?: string) {
    for (const alert of readSaved(text)) this.#told.set(alert.id, alert);
  }

  /** What has changed for good with this look. */
  look(now: readonly Condition[]): readonly AlertChange[] {
    const present = new Map(now.slice(0, ALERT_LIMITS.alertsMax).map((alert) => [alert.id, alert]));
    for (const id of this.#doubts.keys()) if (present.has(id) === this.#told.has(id)) this.#doubts.delete(id);
    const raised = [...present.values()]
      .filter(({ id }) => !this.#told.has(id) && this.#isCertain(id))
      .map((alert): AlertChange => ({ state: "raised", alert }));
    const cleared = [...this.#told.values()]
      .filter(({ id }) => !present.has(id) && this.#isCertain(id))
      .map((alert): AlertChange => ({ state: "cleared", alert }));
    for (const { alert } of raised) this.#told.set(alert.id, alert);
    for (const { alert } of cleared) this.#told.delete(alert.id);
    return [...raised, ...cleared];
  }

  /** For the next process. */
  get text(): string {
    return JSON.stringify([...this.#told.values()]);
  }

  #isCertain(id: string): boolean {
    const doubts = (this.#doubts.get(id) ?? 0) + 1;
    this.#doubts.set(id, doubts);
    if (doubts < ALERT_LIMITS.rounds) return false;
    this.#doubts.delete(id);
    return true;
  }
}

function readSaved(text: string | undefined): readonly Condition[] {
  try {
    return saved.parse(JSON.parse(text ?? "[]"));
  } catch {
    return [];
  }
}
