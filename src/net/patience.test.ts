import assert from "node:assert/strict";
import { EventEmitter, once } from "node:events";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { Patience } from "./patience.ts";

function patience(): { patience: Patience; ends: EventEmitter } {
  const ends = new EventEmitter();
  return { patience: new Patience(() => void ends.emit("over")), ends };
}

test("a wait ends after its time, and the next one begins anew", async () => {
  const { patience: of, ends } = patience();
  for (const delay_ms of [1, 1, 2]) {
    assert.equal(of.over, false);
    const over = once(ends, "over");
    of.begin(delay_ms);
    await over;
    assert.equal(of.over, true);
    of.end();
  }
});

test("nothing expires between two waits, nor after the last", async () => {
  const { patience: of, ends } = patience();
  let expired = 0;
  ends.on("over", () => expired++);
  of.begin(1);
  of.end();
  await sleep(20);
  assert.deepEqual([expired, of.over], [0, false]);
  of.begin(1);
  of.stop();
  await sleep(20);
  assert.deepEqual([expired, of.over], [0, false]);
});
