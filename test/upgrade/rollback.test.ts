import assert from "node:assert/strict";
import { existsSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { inflateRawSync } from "node:zlib";
import { setTimeout } from "node:timers/promises";
import type { AccountId } from "../../src/base/mail-ids.ts";
import {
  addAccount,
  delivery,
  flags,
  mailboxNamed,
  queued,
  RECEIVED_MS,
  rowsOf,
  sample,
  uidSet,
  value,
} from "../../src/store/conformance/fixtures.ts";
import { ManualClock } from "../../src/base/clock.ts";
import { openForReading } from "../../src/store/sqlite/database.ts";
import { databasePath } from "../../src/store/sqlite/layout.ts";
import { SCHEMA_VERSION } from "../../src/store/sqlite/migrations.ts";
import { schemaOf } from "../../src/store/sqlite/upgrade.ts";
import type { Store } from "../../src/store/store.ts";
import { afterIn, setAsides, storeIn } from "../../src/upgrade/set-asides.ts";
import { refuseRolledBack, upgradeStore } from "../../src/upgrade/upgrade-store.ts";
import { openAt } from "../store/engine.ts";
import {
  killedAfter,
  oldData,
  rollBackNow,
  segmentPath,
  segmentsDirectory,
  subjects,
  upgradeNow,
  you,
} from "./fixture.ts";
import { onStore } from "./old-store.ts";

const LEASE_MS = RECEIVED_MS + 60_000;

const MANY = 1_000_000;

/** What a day with the new version does to a store. */
async function aDay(store: Store): Promise<void> {
  const account = await you(store);
  const inbox = await mailboxNamed(store, account);
  await store.mail.deliver(delivery(sample("new 1"), [account]));
  value(await store.mail.remove(inbox.id, uidSet(1)));
  value(await store.mail.storeFlags(inbox.id, uidSet(4), { action: "add", flags: flags(1, "Urgent") }));
  await store.mail.deliver(delivery(sample("new 2"), [account]));
  value(await store.mail.remove(inbox.id, uidSet(5)));
  await store.mail.deliver(delivery(sample("new 3"), [account]));
  value(await store.mail.move(inbox.id, uidSet(2), (await mailboxNamed(store, account, "Archive")).id));
  const made = value(await store.mail.createMailbox(account, "Made since"));
  value(await store.mail.copy(inbox.id, uidSet(6), made));
  await aDayOfOthers(store, account);
  await aDayOfTheQueue(store);
}

async function aDayOfOthers(store: Store, account: AccountId): Promise<void> {
  const other = await addAccount(store, "other@example.org");
  await store.mail.deliver(delivery(sample("for both"), [account, other]));
  // Stored twice now, once by schemas that go by hash.
  for (let i = 0; i < 2; i++) await store.mail.deliver(delivery(sample("alike"), [other]));
  value(await store.directory.changeAccount(account, { displayName: "Somebody else", legalHold: true }));
  await store.directory.putSetting("key", "set since");
  const body = JSON.stringify({ told: "since", at_length: "x".repeat(5_000) });
  await store.journal.record([{ kind: "message", id: "m", at_ms: RECEIVED_MS, keys: ["found-by"], body }]);
}

/** `q1` leaves, `q2` reaches one of its two recipients, `q3` comes. */
async function aDayOfTheQueue(store: Store): Promise<void> {
  assert.equal((await store.queue.lease(RECEIVED_MS, LEASE_MS, 9)).length, 2);
  const result = (index: number, state: "delivered" | "pending") =>
    ({ index, state, nextAttempt_ms: LEASE_MS, lastReply: "said" }) as const;
  await store.queue.settle("q1", [result(0, "delivered"), result(1, "delivered")], []);
  await store.queue.settle("q2", [result(0, "delivered"), result(1, "pending")], []);
  await store.mail.deliver({ ...delivery(sample("q3"), []), queue: queued("q3", ["c@example.net"]) });
}

const THEN_AND_SINCE = { 1: "old 1", 2: "old 2", 3: "old 3", 4: "new 1", 6: "new 3", 7: "for both" };

async function checkAfterwards(store: Store): Promise<void> {
  const account = await you(store);
  assert.deepEqual(await subjects(store), THEN_AND_SINCE);
  assert.deepEqual(await subjects(store, "Archive"), { 1: "kept" });
  assert.deepEqual(await subjects(store, "Made since"), { 1: "new 3" });
  const inbox = await mailboxNamed(store, account);
  for await (const [row] of store.mail.flags(inbox.id, uidSet(4)))
    assert.deepEqual(row?.flags, flags(1, "Urgent"));
  assert.equal((await store.directory.account(account))?.displayName, "Somebody else");
  assert.equal(await store.directory.setting("key"), "set since");
  const other = await store.directory.accountByLogin("other@example.org");
  const rows = await rowsOf(store, (await mailboxNamed(store, other?.id ?? assert.fail())).id);
  const octets = await Promise.all(rows.map(({ blob }) => store.mail.octets(blob)));
  assert.deepEqual(
    octets,
    ["for both", "alike", "alike"].map((text) => sample(text).octets),
  );
  assert.ok(await store.directory.address("other", "example.org"));
  const queue = (await store.queue.queued()).map(({ id, recipients }) => [
    id,
    ...recipients.map((r) => r.state),
  ]);
  assert.deepEqual(
    new Map(queue.map(([id, ...states]) => [id, states])),
    new Map([
      ["q2", ["delivered", "pending"]],
      ["q3", ["pending"]],
    ]),
  );
}

/** As every version up to schema 7 reads its records: mark 0, or else all of it deflated. */
function checkJournalOfThen(directory: string, version: number): void {
  using db = openForReading(databasePath(directory));
  const records = db.all<{ body: Uint8Array }>("SELECT body FROM journal");
  assert.equal(records.length, 1);
  for (const { body } of records) {
    const text = (
      body[0] === 0 ? Buffer.from(body.subarray(1)) : inflateRawSync(body.subarray(1))
    ).toString();
    assert.match(text, /^\["found-by"\]\n\{"told":"since",/);
  }
  const ofKinds = db.one("SELECT 1 FROM journal_key WHERE key = char(1) || 'message'") !== undefined;
  assert.equal(ofKinds, version >= KEYS_OF_KINDS, "keys that programs of then would leave behind");
  const octets =
    "SELECT (SELECT sum(length(body)) FROM journal) - (SELECT value FROM counter WHERE name = 'journal_octets') AS off";
  assert.equal(db.one<{ off: number }>(octets)?.off, 0);
}

/** Nothing that was ever given out is given out again. */
async function checkNumbers(store: Store): Promise<void> {
  const account = await you(store);
  await store.mail.deliver(delivery(sample("later"), [account]));
  const uids = Object.keys(await subjects(store)).map(Number);
  assert.ok(Math.max(...uids) > MANY + 7, "a uid was given out twice");
  const validities = (await store.mail.mailboxes(account)).map(({ uidValidity }) => uidValidity);
  const made = value(await store.mail.createMailbox(account, "Made later"));
  const fresh = (await store.mail.mailbox(made))?.uidValidity ?? 0;
  assert.ok(fresh > Math.max(...validities) + MANY, "a uidvalidity was given out twice");
}

/** The first that knows of legal holds. */
const KNOWS_HOLDS = 8;
/** The first in which all records of a kind are found by a key. */
const KEYS_OF_KINDS = 11;
/** The first in which messages point at their bytes by number. */
const NUMBERS_BLOBS = 10;

for (const version of [1, KNOWS_HOLDS - 1, NUMBERS_BLOBS - 1, SCHEMA_VERSION - 1]) {
  void test(`back to schema ${version}: what was then is there, what came since is there once, nothing is sent twice`, async () => {
    using old = await oldData(version);
    await upgradeNow(old.data);
    {
      await using store = await openAt(old.store);
      await aDay(store);
    }
    // As if much more had come and gone than a restore leaves out by itself.
    onStore(
      old.store,
      `UPDATE mailbox SET uid_next = uid_next + ${MANY};
      UPDATE counter SET value = value + ${MANY} WHERE name = 'uid_validity'`,
    );
    const { carried } = await rollBackNow(old.data);
    const held = version < KNOWS_HOLDS ? ["you@example.org"] : [];
    assert.deepEqual(carried, { messages: 7, queued: 1, done: 1, held });
    assert.equal(schemaOf(old.store), version);
    assert.throws(() => refuseRolledBack(old.data, "2.0.0"), { code: "rolled-back" });
    if (version > 1) checkJournalOfThen(old.store, version);
    refuseRolledBack(old.data, "2.0.1");
    await assert.rejects(rollBackNow(old.data), { code: "rolled-back" });
    // The upgrade once more: its trial looks at every row, and what is there can be read with the program of today.
    assert.equal((await upgradeNow(old.data))?.fromSchema, version);
    await using store = await openAt(old.store);
    await checkAfterwards(store);
    if (version > 1)
      assert.equal((await store.journal.journalFind({ key: "found-by", since_ms: 0, limit: 9 })).length, 1);
    await checkNumbers(store);
  });
}

void test("what was set aside and the store that went stay as they were, whatever is written afterwards", async () => {
  using old = await oldData(6);
  await upgradeNow(old.data);
  {
    await using store = await openAt(old.store);
    await aDay(store);
    const { id } = await mailboxNamed(store, await you(store), "Archive");
    value(await store.mail.remove(id, uidSet(1, 2)));
    // Most of the first segment is dead now: what lives moves on, and the file goes.
    while (existsSync(segmentPath(segmentsDirectory(old.store), 1))) await setTimeout(20);
  }
  const [aside] = setAsides(old.data);
  assert.ok(aside);
  await rollBackNow(old.data);
  await upgradeNow(old.data);
  {
    await using store = await openAt(old.store);
    assert.deepEqual(await subjects(store), THEN_AND_SINCE);
  }
  {
    await using store = await openAt(old.store);
    for (let i = 0; i < 5; i++) await store.mail.deliver(delivery(sample(`more ${i}`), [await you(store)]));
  }
  const went = afterIn(aside);
  await using after = await openAt(went);
  assert.deepEqual(await subjects(after), { 3: "old 3", 4: "new 1", 6: "new 3", 7: "for both" });
  assert.equal(schemaOf(storeIn(aside.directory)), 6);
  assert.equal(setAsides(old.data).length, 2);
});

void test("a process killed after any step of the rollback leaves the one store or the other, and it can be done again", async () => {
  for (const step of ["built", "kept", "replaced"]) {
    using old = await oldData(5);
    await upgradeNow(old.data);
    {
      await using store = await openAt(old.store);
      await aDay(store);
    }
    killedAfter("rollback", step, old.data);
    const done = step === "replaced";
    assert.equal(schemaOf(old.store), done ? 5 : SCHEMA_VERSION, step);
    if (!done) {
      // Somebody starts the server in between.
      await using store = await openAt(old.store);
      await store.mail.deliver(delivery(sample("between"), [await you(store)], "Archive"));
    }
    const { carried } = await rollBackNow(old.data);
    assert.equal(carried?.messages, done ? undefined : 8, step);
    assert.equal(schemaOf(old.store), 5);
    await upgradeNow(old.data);
    await using store = await openAt(old.store);
    assert.deepEqual(await subjects(store), THEN_AND_SINCE, step);
    assert.deepEqual(await subjects(store, "Archive"), done ? { 1: "kept" } : { 1: "kept", 3: "between" });
  }
});

void test("an upgrade in the same instant, or after the clock was set back, is the last one nevertheless", async () => {
  using old = await oldData(SCHEMA_VERSION - 1);
  const clock = new ManualClock(RECEIVED_MS);
  const upgrade = () => upgradeStore({ data: old.data, version: "2.0.0", clock, told: () => {} });
  for (const later_ms of [0, 0, -3_600_000]) {
    clock.advance(later_ms);
    await upgrade();
    assert.equal(schemaOf(old.store), SCHEMA_VERSION);
    assert.ok((await rollBackNow(old.data)).carried);
    assert.equal(schemaOf(old.store), SCHEMA_VERSION - 1);
  }
  assert.equal(setAsides(old.data).length, 3);
});

void test("a store that somebody writes to, and one without anything set aside, is not rolled back", async () => {
  using old = await oldData(6);
  await assert.rejects(rollBackNow(old.data), { code: "nothing-set-aside" });
  await upgradeNow(old.data);
  {
    await using store = await openAt(old.store);
    const before = readFileSync(databasePath(old.store));
    await assert.rejects(rollBackNow(old.data), { code: "store-locked" });
    assert.ok(readFileSync(databasePath(old.store)).equals(before));
    assert.deepEqual(Object.keys(await subjects(store)), ["1", "2", "3"]);
  }
  onStore(
    storeIn(setAsides(old.data)[0]?.directory ?? ""),
    "UPDATE mailbox SET name = name || '!' WHERE name = 'Archive'",
  );
  assert.equal(statSync(join(old.data, "store")).isDirectory(), true);
  assert.deepEqual((await rollBackNow(old.data)).carried, { messages: 0, queued: 0, done: 0, held: [] });
});
