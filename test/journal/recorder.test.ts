import assert from "node:assert/strict";
import { test } from "node:test";
import { setImmediate as settled } from "node:timers/promises";
import { ManualClock } from "../../src/base/clock.ts";
import { MemoryLog } from "../../src/base/log.ts";
import type { JournalEntry } from "../../src/journal/entry.ts";
import { JOURNAL_LIMITS } from "../../src/journal/limits.ts";
import { DEFAULT_PRIVACY } from "../../src/journal/privacy.ts";
import type { JournalRecord } from "../../src/journal/record.ts";
import { startRecorder } from "../../src/journal/recorder.ts";

const record = (i: number): JournalRecord => ({
  kind: "fate",
  id: `q${i}`,
  at_ms: i,
  login: "a@b.example",
  event: "read",
});

function desk() {
  const clock = new ManualClock();
  const log = new MemoryLog();
  const batches: (readonly JournalEntry[])[] = [];
  const state: { broken: boolean; gate: Promise<void> | undefined } = { broken: false, gate: undefined };
  const recorder = startRecorder({
    clock,
    log,
    privacy: DEFAULT_PRIVACY,
    async write(entries) {
      await state.gate;
      if (state.broken) throw new Error("full");
      batches.push(entries);
    },
  });
  const written = (): string[] => batches.flat().map(({ id }) => id);
  const events = (name: string) => log.events.filter(({ event }) => event === name);
  return { clock, batches, state, recorder, written, events };
}

test("records of 200 ms are one write", async () => {
  const { clock, batches, recorder } = desk();
  for (let i = 0; i < 5; i++) recorder.add(record(i));
  await settled();
  clock.advance(JOURNAL_LIMITS.batchWait_ms - 1);
  await settled();
  assert.equal(batches.length, 0);
  clock.advance(1);
  await settled();
  assert.deepEqual(
    batches.map((batch) => batch.length),
    [5],
  );
  await recorder[Symbol.asyncDispose]();
});

test("a full batch does not wait for the clock", async () => {
  const { batches, recorder } = desk();
  for (let i = 0; i < JOURNAL_LIMITS.batchMax + 1; i++) recorder.add(record(i));
  await settled();
  assert.deepEqual(
    batches.map((batch) => batch.length),
    [JOURNAL_LIMITS.batchMax],
  );
  await recorder.flush();
  assert.deepEqual(
    batches.map((batch) => batch.length),
    [JOURNAL_LIMITS.batchMax, 1],
  );
  await recorder[Symbol.asyncDispose]();
});

test("flush and dispose write what waits, in order", async () => {
  const { recorder, written } = desk();
  recorder.add(record(1));
  await recorder.flush();
  assert.deepEqual(written(), ["q1"]);
  recorder.add(record(2));
  recorder.add(record(3));
  await recorder[Symbol.asyncDispose]();
  assert.deepEqual(written(), ["q1", "q2", "q3"]);
});

test("a store that fails is tried again, later each time, and nothing is lost or doubled", async () => {
  const { clock, state, recorder, written, events } = desk();
  state.broken = true;
  recorder.add(record(1));
  await settled();
  clock.advance(JOURNAL_LIMITS.batchWait_ms);
  await settled();
  clock.advance(JOURNAL_LIMITS.retryFirst_ms);
  await settled();
  assert.deepEqual(
    events("journal.write-failed").map(({ fields }) => fields["retry_ms"]),
    [1_000, 2_000],
  );
  state.broken = false;
  recorder.add(record(2));
  clock.advance(2_000);
  await settled();
  assert.deepEqual(written(), ["q1", "q2"]);
  await recorder[Symbol.asyncDispose]();
});

test("flush on a store that fails ends, and the record stays due", async () => {
  const { clock, state, recorder, written } = desk();
  state.broken = true;
  recorder.add(record(1));
  await recorder.flush();
  state.broken = false;
  await settled();
  clock.advance(JOURNAL_LIMITS.retryFirst_ms);
  await settled();
  assert.deepEqual(written(), ["q1"]);
  await recorder[Symbol.asyncDispose]();
});

test("what does not fit is dropped, counted and logged, not line by line", async () => {
  const { state, recorder, written, events } = desk();
  const gate = Promise.withResolvers<void>();
  state.gate = gate.promise;
  for (let i = 0; i < JOURNAL_LIMITS.waitingMax + 500; i++) recorder.add(record(i));
  assert.equal(recorder.dropped, 500);
  assert.equal(events("journal.dropped").length, 1);
  gate.resolve();
  await recorder.flush();
  assert.equal(written().length, JOURNAL_LIMITS.waitingMax);
  const logged = events("journal.dropped").map(({ fields }) => Number(fields["count"]));
  assert.deepEqual(logged, [1, 499]);
  await recorder[Symbol.asyncDispose]();
});

test("what cannot be written at the end is counted and logged; so is what comes after it", async () => {
  const { state, recorder, events } = desk();
  state.broken = true;
  recorder.add(record(1));
  recorder.add(record(2));
  await recorder[Symbol.asyncDispose]();
  recorder.add(record(3));
  assert.deepEqual(
    events("journal.dropped").map(({ fields }) => fields["count"]),
    [2, 1],
  );
  assert.equal(recorder.dropped, 3);
});
