import assert from "node:assert/strict";
import { test } from "node:test";
import type { Dns } from "../dns/answer.ts";
import { liveAsk, recordingAsk, replayingAsk, type World } from "./ask.ts";

const worldOf = (query: Dns["query"]): World => ({
  dns: { query },
  lookUp: () => "none",
  listState: () => "on",
  count: async (name) => name.length,
  now: () => 42,
});

test("a question is asked once and recorded once, however often it comes", async () => {
  let asked = 0;
  const world = worldOf(async () => {
    asked++;
    return { kind: "nxdomain", ttl_s: 1, authenticated: false };
  });
  const recording = recordingAsk(liveAsk(world));
  await Promise.all([recording.ask.dns("A.example", "A"), recording.ask.dns("a.example", "A")]);
  await recording.ask.dnsList("a.example", "A");
  await recording.ask.table("t", { by: "key", key: "X" });
  await recording.ask.table("t", { by: "key", key: "x" });
  assert.equal(recording.ask.now(), 42);
  assert.equal(recording.ask.now(), 42);
  assert.equal(await recording.ask.counter("abc"), 3);
  assert.equal(asked, 1);
  assert.deepEqual(
    recording.asked.map(({ kind, question }) => `${kind} ${question}`),
    ["dns A a.example", "table t key x", "clock now", "counter abc"],
  );
});

test("what the resolver knows is there at once, and recorded like what it had to ask for", () => {
  const nodata = { kind: "nodata", ttl_s: 5, authenticated: false } as const;
  const query = (): never => assert.fail("asked for what is known");
  const { ask, asked } = recordingAsk(liveAsk({ ...worldOf(query), dns: { known: () => nodata, query } }));
  assert.equal(ask.dns("a.example", "MX"), nodata);
  assert.equal(ask.dnsList("a.zone.example", "A", "a.zone"), nodata);
  assert.equal(ask.dns("A.example", "MX"), nodata);
  assert.deepEqual(asked, [
    { kind: "dns", question: "MX a.example", answer: nodata },
    { kind: "dns", question: "A a.zone", answer: nodata },
  ]);
});

test("a resolver that never answers has failed once the caller gives up; later questions are not begun", async () => {
  let asked = 0;
  const never = worldOf(() => {
    asked++;
    return new Promise(() => {});
  });
  const stop = new AbortController();
  const ask = liveAsk(never, stop.signal);
  const answer = ask.dns("a.example", "MX");
  stop.abort();
  assert.deepEqual(await answer, { kind: "failure", reason: "timeout" });
  assert.deepEqual(await ask.dns("b.example", "MX"), { kind: "failure", reason: "budget" });
  assert.equal(asked, 1);
});

test("a resolver that throws has failed; a name that is none does not exist", async () => {
  const ask = liveAsk(
    worldOf(async () => {
      throw new Error("broken");
    }),
  );
  assert.equal((await ask.dns("a.example", "A")).kind, "failure");
  for (const name of ["", "a..b", "a\0b.example", "x y", `${"a".repeat(64)}.example`, "1.2.3.4"]) {
    assert.equal((await ask.dns(name, "A")).kind, "nxdomain", name);
  }
});

test("what was never asked is reported and fails, and is not guessed", async () => {
  const { ask, unanswered } = replayingAsk([
    { kind: "dns", question: "A a.example", answer: { kind: "nodata" } },
  ]);
  assert.deepEqual(await ask.dns("a.example", "A"), { kind: "nodata" });
  assert.deepEqual(await ask.dns("b.example", "A"), { kind: "failure", reason: "never-asked" });
  assert.equal(await ask.table("t", { by: "name", name: "x" }), "none");
  assert.equal(await ask.listState("zone"), "on");
  assert.deepEqual(unanswered, ["dns A b.example", "table t name x", "list zone"]);
});
