import type { JournalRecord } from "../../src/journal/record.ts";

const NOON_MS = Date.UTC(2026, 10, 24, 12);
const MINUTE_MS = 60_000;

/** One client, refused at the door for every reason there is. */
export const doors: readonly JournalRecord[] = (
  [
    ["d1", "banned", 1, 0],
    ["d1", "banned", 214, 50],
    ["d2", "connection-rate", 7, 90],
    ["d3", "connection-limit", 1, 100],
    ["d4", "no-seat-left", 3, 110],
    ["d5", "early-talk", 1, 120],
    ["d6", "rate-limited", 40, 130],
  ] as const
).map(([id, reason, count, seconds]) => ({
  kind: "door",
  id,
  at_ms: NOON_MS + seconds * 1_000,
  since_ms: NOON_MS + (id === "d1" ? 0 : seconds - (count > 1 ? 5 : 0)) * 1_000,
  door: "smtp",
  client: "203.0.113.9",
  reason,
  count,
  ...(reason === "banned"
    ? {
        ban: {
          network: "203.0.113.9/32",
          offence: "guessed 30 passwords",
          until_ms: NOON_MS + 60 * MINUTE_MS,
        },
      }
    : {}),
}));
