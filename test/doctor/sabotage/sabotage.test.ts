/** The doctor on a server as `wachpost setup` leaves it, and on some sabotages; `npm run sabotage` makes all of them. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { worldMissing } from "./missing.ts";
import { networkMissing } from "./network.ts";
import { runInside, SABOTAGES, type Outcome } from "./run.ts";

/** One in the DNS, one on the machine. */
const TRIED = ["AAAA wrong", "data directory open to all"];
const PATIENCE_MS = 110_000;

test(
  "a server freshly set up is 100 %, and each sabotage is noticed",
  { skip: networkMissing || worldMissing, timeout: PATIENCE_MS },
  async (t) => {
    const outcomes: Outcome[] = [];
    assert.equal(await runInside(["--short", ...TRIED], (one) => outcomes.push(one)), 0);
    assert.equal(outcomes.length, TRIED.length + 1, JSON.stringify(outcomes));
    for (const { what, problem } of outcomes) await t.test(what, () => assert.equal(problem, undefined));
  },
);

test("there are more than 30 sabotages, each with a name of its own", () => {
  assert.ok(SABOTAGES.length > 30);
  assert.equal(new Set(SABOTAGES.map(({ what }) => what)).size, SABOTAGES.length);
});
