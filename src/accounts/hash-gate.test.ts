import assert from "node:assert/strict";
import { test } from "node:test";
import { HashGate } from "./hash-gate.ts";

/** Jobs that end when told to. */
class Bench {
  readonly gate = new HashGate();
  readonly started: string[] = [];
  readonly #ends: (() => void)[] = [];

  async queue(network: string, known = false): Promise<string> {
    const done = await this.gate.run({ network, known }, async () => {
      this.started.push(network);
      await new Promise<void>((end) => this.#ends.push(end));
      return "done";
    });
    return done ?? "refused";
  }

  /** Ends the running jobs one after the other until nothing is left. */
  async drain(): Promise<void> {
    await new Promise(setImmediate);
    for (let end = this.#ends.shift(); end !== undefined; end = this.#ends.shift()) {
      end();
      await new Promise(setImmediate);
    }
  }
}

test("two at a time", async () => {
  const bench = new Bench();
  const all = ["a", "b", "c", "d"].map((network) => bench.queue(network));
  await new Promise(setImmediate);
  assert.deepEqual(bench.started, ["a", "b"]);
  await bench.drain();
  assert.deepEqual(await Promise.all(all), ["done", "done", "done", "done"]);
});

test("networks take turns, known clients come first", async () => {
  const bench = new Bench();
  const all = ["a", "a", "a", "a", "a", "b", "c"].map((network) => bench.queue(network));
  all.push(bench.queue("friend", true));
  await bench.drain();
  await Promise.all(all);
  assert.deepEqual(bench.started, ["a", "a", "friend", "b", "c", "a", "a", "a"]);
});

test("one network waits with eight; the others still get in", async () => {
  const bench = new Bench();
  const flood = Array.from({ length: 20 }, () => bench.queue("a"));
  const other = bench.queue("b");
  await bench.drain();
  const outcomes = await Promise.all(flood);
  assert.equal(outcomes.filter((outcome) => outcome === "done").length, 10);
  assert.equal(await other, "done");
});

test("a full queue refuses strangers at once and keeps places for known clients", async () => {
  const bench = new Bench();
  const flood = Array.from({ length: 300 }, (_, i) => bench.queue(`n${i}`));
  const stranger = bench.queue("stranger");
  const friend = bench.queue("friend", true);
  assert.equal(await stranger, "refused");
  await bench.drain();
  assert.equal(await friend, "done");
  assert.equal((await Promise.all(flood)).filter((outcome) => outcome === "done").length, 202);
});

test("a job that throws frees its place", async () => {
  const gate = new HashGate();
  for (let i = 0; i < 5; i++) {
    await assert.rejects(
      gate.run({ network: "a", known: false }, async () => {
        throw new Error("broken");
      }),
    );
  }
  assert.equal(await gate.run({ network: "a", known: false }, async () => "works"), "works");
});
