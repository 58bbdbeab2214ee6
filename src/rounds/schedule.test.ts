import assert from "node:assert/strict";
import { test } from "node:test";
import { isYoung, readState, type ScheduleState } from "../doctor/schedule-state.ts";
import { due, quietInstant } from "./schedule.ts";

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const HOURS = { light_s: 3600, full_from_hour: 1, full_to_hour: 5 };
/** Noon, local time. */
const NOON_MS = new Date(2026, 5, 10, 12).getTime();
const state: ScheduleState = {
  lot: 0.5,
  begun_ms: 0,
  full_ms: NOON_MS - 9 * HOUR_MS,
  light_ms: NOON_MS - 0.5 * HOUR_MS,
  digest: "a",
  failed_ms: 0,
  outcome: "",
};

const cases: readonly {
  name: string;
  change: Partial<ScheduleState>;
  digest?: string;
  want: string | undefined;
}[] = [
  { name: "all was looked at lately", change: {}, want: undefined },
  { name: "an hour since the last short look", change: { light_ms: NOON_MS - HOUR_MS }, want: "light" },
  {
    name: "a full one does for a short one",
    change: { light_ms: 0, full_ms: NOON_MS - HOUR_MS / 2 },
    want: undefined,
  },
  { name: "the quiet minute has come since", change: { full_ms: NOON_MS - 9.1 * HOUR_MS }, want: "full" },
  { name: "never yet", change: { full_ms: 0, light_ms: 0, digest: "" }, want: "full" },
  { name: "version or configuration are new", change: {}, digest: "b", want: "full" },
  { name: "the last one failed just now", change: { failed_ms: NOON_MS - 1 }, digest: "b", want: undefined },
  {
    name: "the last one failed an hour ago",
    change: { failed_ms: NOON_MS - HOUR_MS },
    digest: "b",
    want: "full",
  },
];
for (const { name, change, digest = "a", want } of cases)
  test(`due: ${name}`, () => {
    assert.equal(due({ ...state, ...change }, digest, NOON_MS, HOURS), want);
  });

test("the quiet minute: within its hours, over midnight too, and not before it came", () => {
  for (const lot of [0, 0.25, 0.999]) {
    const instant = quietInstant(NOON_MS, lot, HOURS);
    const hour = new Date(instant).getHours();
    assert.ok(instant <= NOON_MS && instant > NOON_MS - DAY_MS && hour >= 1 && hour < 5, `${lot}: ${hour}`);
    const night = quietInstant(NOON_MS, lot, { full_from_hour: 22, full_to_hour: 3 });
    const late = new Date(night).getHours();
    assert.ok(night <= NOON_MS && (late >= 22 || late < 3), `${lot}: ${late}`);
  }
  const early_ms = new Date(2026, 5, 10, 0, 30).getTime();
  assert.equal(new Date(quietInstant(early_ms, 0, HOURS)).getDate(), 9);
});

test("every day has one full examination, whatever the minute is asked for", () => {
  let known: ScheduleState = { ...state, full_ms: NOON_MS };
  const fulls: number[] = [];
  for (let now_ms = NOON_MS; now_ms < NOON_MS + 10 * DAY_MS; now_ms += 30 * 60_000) {
    const kind = due(known, "a", now_ms, HOURS);
    if (kind === "full") fulls.push(now_ms);
    known = {
      ...known,
      ...(kind === "full" ? { full_ms: now_ms } : kind === "light" ? { light_ms: now_ms } : {}),
    };
  }
  assert.equal(fulls.length, 10);
});

test("what an earlier process wrote is read; what cannot be read is a fresh start", () => {
  assert.deepEqual(
    readState(JSON.stringify(state), () => 0.1),
    state,
  );
  for (const broken of [undefined, "", "{", "null", '{"full_ms":"x","lot":null}'])
    assert.deepEqual(
      readState(broken, () => 0.1),
      {
        lot: 0.1,
        begun_ms: 0,
        full_ms: 0,
        light_ms: 0,
        digest: "",
        failed_ms: 0,
        outcome: "",
      },
    );
});

test("within its first hour nobody has to have examined himself", () => {
  const none = { ...state, full_ms: 0 };
  assert.equal(isYoung({ ...none, begun_ms: NOON_MS - HOUR_MS / 2 }, NOON_MS), true);
  assert.equal(isYoung({ ...none, begun_ms: NOON_MS - 2 * HOUR_MS }, NOON_MS), false);
  assert.equal(isYoung({ ...state, begun_ms: NOON_MS }, NOON_MS), false);
  assert.equal(isYoung({ ...none, begun_ms: NOON_MS, failed_ms: NOON_MS }, NOON_MS), false);
});
