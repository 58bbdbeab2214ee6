import assert from "node:assert/strict";
import { test } from "node:test";
import {
  defaultQueuePolicy as policy,
  isDelayed,
  isExpired,
  nextAttempt,
  unreachablePause,
} from "./schedule.ts";

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;
const CREATED_MS = 1_700_000_000_000;

const waits = [
  { name: "first retry after five minutes", age_ms: 0, want_ms: 5 * MINUTE_MS },
  { name: "second after ten", age_ms: 5 * MINUTE_MS, want_ms: 10 * MINUTE_MS },
  { name: "third after twenty", age_ms: 15 * MINUTE_MS, want_ms: 20 * MINUTE_MS },
  { name: "fourth after forty", age_ms: 35 * MINUTE_MS, want_ms: 40 * MINUTE_MS },
  { name: "then the longest wait", age_ms: 75 * MINUTE_MS, want_ms: Math.round(4_000_000 / 1.1) },
  { name: "for days", age_ms: 3 * DAY_MS, want_ms: Math.round(4_000_000 / 1.1) },
  { name: "the last try is at the very end", age_ms: 5 * DAY_MS - MINUTE_MS, want_ms: MINUTE_MS },
  { name: "a clock set back counts as new", age_ms: -DAY_MS, want_ms: 5 * MINUTE_MS },
];
for (const { name, age_ms, want_ms } of waits) {
  test(`next attempt: ${name}`, () => {
    const now_ms = CREATED_MS + age_ms;
    assert.equal(nextAttempt(policy, CREATED_MS, now_ms, 0) - now_ms, want_ms);
  });
}

test("next attempt: jitter lengthens a wait by a tenth at most and never past the longest", () => {
  for (let age_ms = 0; age_ms < 4 * DAY_MS; age_ms += 7 * MINUTE_MS) {
    const now_ms = CREATED_MS + age_ms;
    const shortest_ms = nextAttempt(policy, CREATED_MS, now_ms, 0) - now_ms;
    const longest_ms = nextAttempt(policy, CREATED_MS, now_ms, 1) - now_ms;
    assert.ok(longest_ms > shortest_ms && longest_ms <= shortest_ms * 1.1 + 1, String(age_ms));
    assert.ok(longest_ms <= policy.retryMax_ms);
  }
});

test("a message is tried about every hour until it expires, 100 to 130 times", () => {
  let now_ms = CREATED_MS;
  let tries = 1;
  while (!isExpired(policy, CREATED_MS, now_ms)) {
    now_ms = nextAttempt(policy, CREATED_MS, now_ms, 0.5);
    tries++;
  }
  assert.equal(now_ms, CREATED_MS + policy.expire_ms);
  assert.ok(tries > 100 && tries < 130, String(tries));
});

test("delay notice: from four hours on, and never where it is switched off", () => {
  const at = (age_ms: number) => isDelayed(policy, CREATED_MS, CREATED_MS + age_ms);
  assert.deepEqual([at(0), at(policy.delayNotice_ms - 1), at(policy.delayNotice_ms)], [false, false, true]);
  assert.equal(isDelayed({ ...policy, delayNotice_ms: 0 }, CREATED_MS, CREATED_MS + DAY_MS), false);
});

test("an unreachable destination is left alone longer each time, never longer than a message waits", () => {
  assert.deepEqual(
    [1, 2, 3, 1000].map((failures) => unreachablePause(policy, failures)),
    [MINUTE_MS, 2 * MINUTE_MS, 3 * MINUTE_MS, policy.retryMax_ms],
  );
});
