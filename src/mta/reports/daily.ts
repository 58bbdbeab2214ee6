/** When the reports of the day before are sent, and when they are forgotten. */
import { createHash } from "node:crypto";
import { dayOf } from "./tally.ts";
import { REPORTS_LIMITS } from "./limits.ts";

const DAY_MS = 86_400_000;

/** Minutes after midnight UTC: the same every day, another one for each server, so that not all write at once. */
export function minuteOf(hostName: string): number {
  const hash = createHash("sha256").update(hostName).digest();
  return 1 + (hash.readUInt32BE(0) % REPORTS_LIMITS.spreadMinutes);
}

export const isPastMinute = (now_ms: number, hostName: string): boolean =>
  now_ms % DAY_MS >= minuteOf(hostName) * 60_000;

/** What is older than this is forgotten. */
export const reportBounds = (now_ms: number, keepDays: number) => ({
  due_before_day: dayOf(now_ms - REPORTS_LIMITS.dueDays * DAY_MS),
  settled_before_day: dayOf(now_ms - keepDays * DAY_MS),
});
