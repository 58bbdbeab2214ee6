import assert from "node:assert/strict";
import { setImmediate as turn } from "node:timers/promises";
import { test } from "node:test";
import { whenGathered } from "./gathering.ts";

/** How many turns of the loop it took. */
async function turnsUntilGone(count: (turns: number) => number): Promise<number> {
  let gone = false;
  let turns = 0;
  whenGathered(
    () => count(turns),
    () => void (gone = true),
  );
  for (; !gone; turns++) await turn();
  return turns;
}

void test("who is alone waits for nobody: the loop has nothing else to do", async () => {
  // The test runner may have something to do in one of them.
  const tries: number[] = [];
  for (let i = 0; i < 10; i++) tries.push(await turnsUntilGone(() => 1));
  assert.ok(Math.min(...tries) < 6, String(tries));
});

void test("enough go at once", async () => {
  assert.ok((await turnsUntilGone(() => 8)) <= 2);
});

void test("it is sent once", async () => {
  let sent = 0;
  whenGathered(
    () => 8,
    () => void sent++,
  );
  for (let i = 0; i < 50; i++) await turn();
  assert.equal(sent, 1);
});

void test("a loop that always has something to do keeps nobody for ever", async () => {
  const { port1, port2 } = new MessageChannel();
  port2.on("message", () => port1.postMessage(0));
  port1.on("message", () => port2.postMessage(0));
  port1.postMessage(0);
  await turnsUntilGone(() => 1);
  port1.close();
});
