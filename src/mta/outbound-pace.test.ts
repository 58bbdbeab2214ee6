import assert from "node:assert/strict";
import { test } from "node:test";
import { reply } from "../smtp/reply.ts";
import { OUTBOUND_LIMITS } from "./outbound-limits.ts";
import { asksForLess, Pace } from "./outbound-pace.ts";

const NOW_MS = 1_700_000_000_000;
const { gapMin_ms, gapMax_ms, recover_ms, recoverSteps, promisedMax_ms } = OUTBOUND_LIMITS;

for (const { code, enhanced, want } of [
  { code: 421, enhanced: "4.3.2", want: true },
  { code: 421, enhanced: undefined, want: true },
  { code: 450, enhanced: "4.7.28", want: true },
  { code: 451, enhanced: "4.3.0", want: false },
  { code: 452, enhanced: "4.2.2", want: false },
  { code: 550, enhanced: "5.7.1", want: false },
  { code: 250, enhanced: "2.0.0", want: false },
])
  test(`${code} ${enhanced ?? "alone"}: ${want ? "less" : "as before"}`, () =>
    assert.equal(asksForLess({ code, lines: ["x"], ...(enhanced === undefined ? {} : { enhanced }) }), want));

test("each complaint halves the connections and doubles the gap; those of one moment are one", () => {
  const pace = new Pace();
  assert.equal(pace.take(NOW_MS), undefined);
  assert.deepEqual([pace.connections(NOW_MS), pace.gap_ms(NOW_MS)], [Number.POSITIVE_INFINITY, 0]);
  assert.partialDeepStrictEqual(pace.slow(NOW_MS, NOW_MS - 1, 20), { connections: 10, gap_ms: gapMin_ms });
  assert.equal(pace.slow(NOW_MS + 1, NOW_MS - 1, 19), undefined, "begun before anybody had complained");
  for (let n = 1, left = 10; n < 12; n++) {
    left = Math.max(1, Math.floor(left / 2));
    const gap_ms = Math.min(gapMax_ms, gapMin_ms * 2 ** n);
    assert.partialDeepStrictEqual(pace.slow(NOW_MS + n, NOW_MS + n, 20), { connections: left, gap_ms });
  }
});

test("without complaints it comes back step by step, and is forgotten in the end", () => {
  const pace = new Pace();
  for (let n = 0; n < 4; n++) pace.slow(NOW_MS + n, NOW_MS + n, 20);
  const at = (steps: number): readonly [number, number] => {
    const now_ms = NOW_MS + 3 + steps * recover_ms;
    return [pace.connections(now_ms), pace.gap_ms(now_ms)];
  };
  assert.deepEqual(at(0), [1, 8 * gapMin_ms]);
  assert.deepEqual(at(1), [2, 4 * gapMin_ms]);
  assert.deepEqual(at(3), [4, gapMin_ms]);
  assert.deepEqual(at(4), [5, 0]);
  assert.equal(pace.isFull(NOW_MS + 3 + (recoverSteps - 1) * recover_ms), false);
  assert.equal(pace.isFull(NOW_MS + 3 + recoverSteps * recover_ms), true);
  for (let n = 0; n < 20; n++) pace.slow(NOW_MS + 10 * n, NOW_MS + 10 * n, 20);
  assert.equal(pace.isFull(NOW_MS + 8 * recover_ms), true, "also after the worst there is");
});

test("a thousand messages for a slow destination: one at a time goes, each other one is promised a moment of its own", () => {
  const pace = new Pace();
  pace.slow(NOW_MS, NOW_MS, 2);
  let due = Array.from({ length: 1000 }, () => NOW_MS);
  const begun: number[] = [];
  for (let now_ms = NOW_MS; due.length > 0; now_ms += 1000) {
    const later = due.filter((at_ms) => at_ms > now_ms);
    for (const _one of due.filter((at_ms) => at_ms <= now_ms)) {
      const until_ms = pace.take(now_ms);
      if (until_ms === undefined) begun.push(now_ms);
      else {
        assert.ok(until_ms > now_ms && until_ms <= now_ms + promisedMax_ms + gapMin_ms);
        later.push(until_ms);
      }
    }
    due = later;
    assert.ok(now_ms < NOW_MS + 2 * 1000 * gapMin_ms, `${due.length} have not gone`);
  }
  assert.equal(begun.length, 1000);
  const early = begun.filter((at_ms) => at_ms < NOW_MS + recover_ms);
  for (const [i, at_ms] of early.entries()) assert.ok(i === 0 || at_ms - (early[i - 1] ?? 0) >= gapMin_ms);
});

test("a reply of ours says nothing of the destination's wishes", () =>
  assert.equal(asksForLess(reply(451, "4.4.1", "no connection")), false));
