import assert from "node:assert/strict";
import { STORE_LIMITS, type JournalEntry, type JournalReads } from "../store.ts";
import type { Suite } from "./fixtures.ts";

const DAY_MS = 86_400_000;

const entry = (number: number, more: Partial<JournalEntry> = {}): JournalEntry => ({
  kind: number % 2 === 0 ? "message" : "session",
  id: `id${number}`,
  at_ms: number * 1000,
  keys: ["everywhere", `tens ${Math.floor(number / 10)}`],
  body: JSON.stringify({ number, text: "grün\nund 日本" }),
  ...more,
});
const entries = (count: number): JournalEntry[] => Array.from({ length: count }, (_, i) => entry(i));

const idsOf = (found: readonly JournalEntry[]): string[] => found.map(({ id }) => id);

async function scanIds(journal: JournalReads, kind?: string, since_ms = 0): Promise<string[]> {
  const ids: string[] = [];
  for await (const batch of journal.journalScan({ since_ms, ...(kind === undefined ? {} : { kind }) })) {
    ids.push(...idsOf(batch));
  }
  return ids;
}

/** The record of what happened and why. */
export const journalSuite: Suite = {
  async "records named are forgotten with their keys, others stay"(engine) {
    const { journal } = engine.store;
    const all = entries(250);
    await journal.record(all);
    const gone = all.filter((_, i) => i % 2 === 0 || i === 13);
    assert.equal(await journal.forget([...gone, { kind: "message", id: "none", at_ms: 0 }]), gone.length);
    const left = all.filter((one) => !gone.includes(one)).map(({ id }) => id);
    assert.deepEqual(
      idsOf(await journal.journalFind({ key: "everywhere", since_ms: 0, limit: 999 })),
      left.toReversed(),
    );
    assert.deepEqual(await scanIds(journal), left);
    assert.equal(await journal.forget(gone), 0);
    const prune = { before_ms: Number.MAX_SAFE_INTEGER, octets_max: 0 };
    assert.equal(await journal.prune(prune), left.length);
  },
  async "records come back as they went in, newest first, also after reopening"(engine) {
    const all = entries(30);
    await engine.store.journal.record(all);
    await engine.store.journal.record([]);
    const { journal } = await engine.reopen();
    assert.deepEqual(await journal.journalFind({ since_ms: 0, limit: 100 }), all.toReversed());
    const questions = [
      { ask: { since_ms: 0, limit: 3 }, want: [29, 28, 27] },
      { ask: { since_ms: 28_000, limit: 3 }, want: [29, 28] },
      { ask: { since_ms: 0, limit: 3, kind: "message" }, want: [28, 26, 24] },
      { ask: { since_ms: 0, limit: 100, key: "tens 1", kind: "session" }, want: [19, 17, 15, 13, 11] },
      { ask: { since_ms: 12_000, limit: 3, key: "tens 1" }, want: [19, 18, 17] },
      { ask: { since_ms: 18_000, limit: 9, key: "tens 1" }, want: [19, 18] },
      { ask: { since_ms: 0, limit: 9, key: "TENS 1" }, want: [] },
      { ask: { since_ms: 0, limit: 9, kind: "login" }, want: [] },
      { ask: { since_ms: 0, limit: 0 }, want: [] },
    ];
    for (const { ask, want } of questions) {
      assert.deepEqual(
        idsOf(await journal.journalFind(ask)),
        want.map((number) => `id${number}`),
        JSON.stringify(ask),
      );
    }
  },

  async "records of the same moment or out of order are all found, in one order"({ store: { journal } }) {
    const at = [5000, 1000, 5000, 3000, 5000, 1000];
    await journal.record(at.map((at_ms, i) => entry(i, { at_ms })));
    const want = ["id4", "id2", "id0", "id3", "id5", "id1"];
    assert.deepEqual(idsOf(await journal.journalFind({ since_ms: 0, limit: 9 })), want);
    assert.deepEqual(idsOf(await journal.journalFind({ since_ms: 0, limit: 9, key: "everywhere" })), want);
    assert.deepEqual(await scanIds(journal), want.toReversed());
  },

  async "a thousand records are found and scanned in batches, none twice, none left out"({
    store: { journal },
  }) {
    const all = entries(1000).map((each) => ({ ...each, at_ms: Math.floor(each.at_ms / 50_000) }));
    await journal.record(all);
    const newest = idsOf(all).toReversed();
    assert.deepEqual(idsOf(await journal.journalFind({ since_ms: 0, limit: 5000 })), newest);
    assert.deepEqual(
      idsOf(await journal.journalFind({ key: "everywhere", since_ms: 0, limit: 950 })),
      newest.slice(0, 950),
    );
    await journal.record([entry(5000, { kind: "rare", at_ms: 0 })]);
    assert.deepEqual(
      idsOf(await journal.journalFind({ key: "everywhere", kind: "rare", since_ms: 0, limit: 5 })),
      ["id5000"],
    );
    assert.deepEqual(await scanIds(journal, "session"), idsOf(all.filter(({ kind }) => kind === "session")));
    assert.deepEqual(await scanIds(journal, "rare", 1), []);
  },

  async "a scan ends although its reader records what it finds"({ store: { journal } }) {
    await journal.record(entries(250));
    let seen = 0;
    for await (const batch of journal.journalScan({ since_ms: 0 })) {
      seen += batch.length;
      await journal.record([entry(9999)]);
    }
    assert.equal(seen, 250);
  },

  async "a scan ends before the time it is told, and parts of it make the whole"({ store: { journal } }) {
    await journal.record(entries(700));
    const whole = await scanIds(journal);
    const middle_ms = entry(350).at_ms;
    const parts: string[][] = [[], []];
    for await (const batch of journal.journalScan({ since_ms: 0, until_ms: middle_ms }))
      for (const { id, at_ms } of batch) {
        assert.ok(at_ms < middle_ms);
        parts[0]?.push(id);
      }
    for await (const batch of journal.journalScan({ since_ms: middle_ms }))
      for (const { id } of batch) parts[1]?.push(id);
    assert.ok(parts.every(({ length }) => length > 0));
    assert.deepEqual(parts.flat(), whole);
  },

  async "a record is found by each of its keys up to the limit, and once"({ store: { journal } }) {
    const keys = Array.from({ length: STORE_LIMITS.keysPerRecord + 8 }, (_, i) => `key ${i}`);
    await journal.record([entry(1, { keys: ["key 0", ...keys] }), entry(2, { keys: [] })]);
    const [found] = await journal.journalFind({ key: "key 0", since_ms: 0, limit: 9 });
    assert.deepEqual(found?.keys, keys.slice(0, STORE_LIMITS.keysPerRecord));
    assert.equal((await journal.journalFind({ key: "key 0", since_ms: 0, limit: 9 })).length, 1);
    assert.equal((await journal.journalFind({ key: "key 31", since_ms: 0, limit: 9 })).length, 1);
    assert.equal((await journal.journalFind({ key: "key 32", since_ms: 0, limit: 9 })).length, 0);
    assert.equal((await journal.journalFind({ since_ms: 0, limit: 9 })).length, 2);
  },

  async "pruning forgets by age, then by size, the oldest first, and their keys"({ store: { journal } }) {
    const noise = (number: number): string =>
      JSON.stringify({ number, noise: Math.sin(number).toString().repeat(20) });
    const all = Array.from({ length: 500 }, (_, i) => entry(i, { at_ms: i * DAY_MS, body: noise(i) }));
    await journal.record(all);
    const everything = Number.MAX_SAFE_INTEGER;
    assert.equal(await journal.prune({ before_ms: 0, octets_max: everything }), 0);
    assert.equal(await journal.prune({ before_ms: 250 * DAY_MS, octets_max: everything }), 250);
    assert.equal((await scanIds(journal))[0], "id250");
    assert.deepEqual(await journal.journalFind({ key: "tens 24", since_ms: 0, limit: 9 }), []);
    const removed = await journal.prune({ before_ms: 0, octets_max: 4000 });
    const left = await journal.journalFind({ since_ms: 0, limit: 500 });
    assert.ok(removed > 0 && left.length > 0, "some had to go, some fit");
    assert.equal(removed + left.length, 250);
    assert.equal(left[0]?.id, "id499");
    assert.equal(
      (await journal.journalFind({ key: "everywhere", since_ms: 0, limit: 500 })).length,
      left.length,
    );
    assert.equal(await journal.prune({ before_ms: 0, octets_max: 4000 }), 0, "it fits now");
    assert.equal(await journal.prune({ before_ms: 0, octets_max: 0 }), left.length);
    await journal.record([entry(1)]);
    assert.equal(
      await journal.prune({ before_ms: 0, octets_max: 4000 }),
      0,
      "the count of octets is back at nothing",
    );
  },
};
