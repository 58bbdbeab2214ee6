import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { openTemporary } from "../../../test/store/engine.ts";
import type { JournalEntry } from "../store.ts";
import { openForReading } from "./database.ts";
import { databasePath } from "./layout.ts";

const DEADLINE_MS = 30_000;
const COUNT = 700;
/** Their own, and that of their kind. */
const KEYS_EACH = 4;

const entries: readonly JournalEntry[] = Array.from({ length: COUNT }, (_, i) => ({
  kind: "session",
  id: `id${i}`,
  // Not in the order they are written.
  at_ms: 1_000 + ((i * 37) % 100),
  keys: [`id${i}`, "everywhere", `tens ${i % 10}`],
  body: "{}",
}));
const newestFirst = entries
  .map((entry, i) => ({ ...entry, i }))
  .toSorted((a, b) => b.at_ms - a.at_ms || b.i - a.i)
  .map(({ id }) => id);

void test("records are found by their keys before, while and after these find their place in the index", async () => {
  const engine = await openTemporary();
  const { journal } = engine.store;
  const db = openForReading(databasePath(engine.directory));
  const inIndex = (): number => db.one<{ n: number }>("SELECT count(*) AS n FROM journal_key")?.n ?? 0;
  const ids = async (key: string): Promise<readonly string[]> =>
    (await journal.journalFind({ key, since_ms: 0, limit: COUNT })).map(({ id }) => id);
  const scanned = async (kind?: string): Promise<readonly string[]> => {
    const found: string[] = [];
    for await (const batch of journal.journalScan({ since_ms: 0, ...(kind !== undefined && { kind }) }))
      found.push(...batch.map(({ id }) => id));
    return found;
  };
  try {
    await journal.record(entries);
    const states = new Set<number>();
    for (const end = Date.now() + DEADLINE_MS; inIndex() < COUNT * KEYS_EACH; await sleep(5)) {
      states.add(inIndex());
      assert.deepEqual(await ids("everywhere"), newestFirst);
      assert.deepEqual(
        await ids("tens 3"),
        newestFirst.filter((id) => id.endsWith("3")),
      );
      assert.deepEqual(await scanned("session"), newestFirst.toReversed());
      assert.ok(Date.now() < end, "the keys did not find their place");
    }
    assert.ok(states.has(0), "the keys are written later than the records");
    assert.deepEqual(await ids("everywhere"), newestFirst);
    assert.deepEqual(await ids("id699"), ["id699"]);
    assert.deepEqual(await scanned(), newestFirst.toReversed());
    const odd = { ...entries[0], kind: "message", id: "odd", keys: ["\u0001session"], at_ms: 5, body: "{}" };
    await journal.record([odd]);
    assert.deepEqual(await scanned("session"), newestFirst.toReversed(), "a key that reads like a kind's");
    assert.deepEqual((await scanned())[0], "odd");
    assert.equal(await journal.forget([odd]), 1);
    assert.equal(await journal.prune({ before_ms: Number.MAX_SAFE_INTEGER, octets_max: 0 }), COUNT);
    assert.equal(inIndex(), 0);
  } finally {
    db[Symbol.dispose]();
    await engine.close();
  }
});
