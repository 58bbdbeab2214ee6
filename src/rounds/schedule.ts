import type { ScheduleState } from "../doctor/schedule-state.ts";
import type { Config } from "../config/schema.ts";

export type ExaminationDue = "full" | "light";
type Hours = Pick<Config["doctor"], "light_s" | "full_from_hour" | "full_to_hour">;

const MINUTE_MS = 60_000;
const HOURS_OF_DAY = 24;

/** What is to be done now. A full examination does for a light one; one that failed is tried again at the next light one's time. */
export function due(
  state: ScheduleState,
  digest: string,
  now_ms: number,
  hours: Hours,
): ExaminationDue | undefined {
  const light_ms = hours.light_s * 1000;
  if (now_ms - state.failed_ms < light_ms) return undefined;
  if (state.digest !== digest || quietInstant(now_ms, state.lot, hours) > state.full_ms) return "full";
  return now_ms - Math.max(state.light_ms, state.full_ms) >= light_ms ? "light" : undefined;
}

/** The last time the quiet minute came. */
export function quietInstant(
  now_ms: number,
  lot: number,
  { full_from_hour: from, full_to_hour: to }: Pick<Hours, "full_from_hour" | "full_to_hour">,
): number {
  const span_hours = (to - from + HOURS_OF_DAY) % HOURS_OF_DAY || HOURS_OF_DAY;
  const minute = Math.floor((from + lot * span_hours) * 60);
  const instant = new Date(now_ms);
  instant.setHours(0, minute, 0, 0);
  for (let days = 0; instant.getTime() > now_ms && days < 2; days++) instant.setDate(instant.getDate() - 1);
  return instant.getTime();
}

/** Looks at least twice between two short examinations. */
export const lookEvery_ms = (light_s: number, most_ms: number): number =>
  Math.min(most_ms, Math.max(MINUTE_MS / 120, (light_s * 1000) / 2));
