/** The month of the replay benchmark in small: the command on a real store comes to what a fresh evaluation comes to. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { replayFigures } from "../bench/replay.ts";

test("policy replay of 5,000 recorded sessions equals a fresh evaluation", async () => {
  const { replayed, fresh } = await replayFigures(5_000);
  assert.deepEqual(replayed, fresh);
  assert.equal(replayed.judged, 5_000);
  assert.ok(replayed.same > 1_000);
  // Both refusals that were notes only, and clients with fewer points.
  for (const change of ["permit -> reject", "permit -> defer"])
    assert.ok((replayed.changes[change] ?? 0) > 30, JSON.stringify(replayed.changes));
});
