import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { keepUpgrades } from "../../src/assembly/upgrade.ts";
import { ManualClock, systemClock } from "../../src/base/clock.ts";
import { delivery, sample } from "../../src/store/conformance/fixtures.ts";
import { TIME_BELIEVED } from "../../src/store/retention.ts";
import { databasePath } from "../../src/store/sqlite/layout.ts";
import { openStore } from "../../src/store/sqlite/open.ts";
import { bringToDate } from "../../src/store/sqlite/restore.ts";
import { SCHEMA_VERSION } from "../../src/store/sqlite/migrations.ts";
import { schemaOf } from "../../src/store/sqlite/upgrade.ts";
import { KEPT_MS } from "../../src/upgrade/limits.ts";
import { pruneSetAsides, SET_ASIDE_DIRECTORY, setAsides, storeIn } from "../../src/upgrade/set-asides.ts";
import { openAt, silent } from "../store/engine.ts";
import {
  killedAfter,
  oldData,
  segmentPath,
  segmentsDirectory,
  subjects,
  upgradeNow,
  you,
} from "./fixture.ts";
import { onStore } from "./old-store.ts";

const OLD = { 1: "old 1", 2: "old 2", 3: "old 3" };

/** The first, and the last three. */
for (const version of new Set([1, SCHEMA_VERSION - 3, SCHEMA_VERSION - 2, SCHEMA_VERSION - 1])) {
  void test(`data of schema ${version} are set aside and then brought to this one's`, async () => {
    using old = await oldData(version);
    const record = await upgradeNow(old.data);
    assert.deepEqual([record?.fromSchema, record?.toSchema], [version, SCHEMA_VERSION]);
    const [aside] = setAsides(old.data);
    assert.ok(aside);
    const kept = storeIn(aside.directory);
    assert.deepEqual([schemaOf(old.store), schemaOf(kept)], [SCHEMA_VERSION, version]);
    assert.deepEqual(readdirSync(kept).toSorted(), ["mail.db", "segments"]);
    assert.equal(statSync(databasePath(kept)).mode & 0o077, 0);
    const segment = (store: string): number => statSync(segmentPath(segmentsDirectory(store), 1)).ino;
    assert.equal(segment(kept), segment(old.store));
    const octets = readFileSync(segmentPath(segmentsDirectory(kept), 1));
    {
      await using store = await openAt(old.store);
      assert.deepEqual(await subjects(store), OLD);
      assert.deepEqual(await subjects(store, "Archive"), { 1: "kept" });
      await store.mail.deliver(delivery(sample("new"), [await you(store)]));
      assert.deepEqual(await subjects(store), { ...OLD, 4: "new" });
    }
    assert.ok(readFileSync(segmentPath(segmentsDirectory(kept), 1)).equals(octets), "what is set aside grew");
    assert.equal(await upgradeNow(old.data), undefined);
  });
}

const broken = [
  {
    name: "does not go through",
    sql: "CREATE TABLE report (in_the_way TEXT)",
    version: 2,
    why: /table report already exists/,
  },
  {
    name: "loses what was there",
    sql: "CREATE TRIGGER t AFTER INSERT ON counter BEGIN DELETE FROM setting; END; INSERT INTO setting VALUES ('key', 'value')",
    version: 6,
    why: /settings: 1 expected, 0 found/,
  },
];
for (const { name, sql, version, why } of broken) {
  void test(`a migration that ${name} is found out on the copy, and the data stay as they were`, async () => {
    using old = await oldData(version);
    onStore(old.store, sql);
    const before = readFileSync(databasePath(old.store));
    await assert.rejects(upgradeNow(old.data), (error: Error & { code?: string; remedy?: string }) => {
      assert.equal(error.code, "upgrade-trial");
      assert.match(error.message, why);
      assert.match(error.remedy ?? "", /npm install -g wachpost@/);
      return true;
    });
    assert.ok(readFileSync(databasePath(old.store)).equals(before));
    assert.deepEqual(readdirSync(join(old.data, SET_ASIDE_DIRECTORY)), []);
  });
}

void test("a process killed after any step of the upgrade leaves one that goes through, and one copy of what was", async () => {
  for (const step of ["copied", "tried", "kept", "migrated"]) {
    using old = await oldData(6);
    killedAfter("upgrade", step, old.data);
    const done = step === "migrated";
    assert.equal(schemaOf(old.store), done ? SCHEMA_VERSION : 6, step);
    assert.equal((await upgradeNow(old.data)) === undefined, done, step);
    const names = readdirSync(join(old.data, SET_ASIDE_DIRECTORY));
    assert.equal(names.length, 1, step);
    assert.equal(schemaOf(storeIn(join(old.data, SET_ASIDE_DIRECTORY, names[0] ?? ""))), 6);
    await using store = await openAt(old.store);
    assert.deepEqual(await subjects(store), OLD, step);
  }
});

void test("what was set aside goes after two weeks, not before", async () => {
  using old = await oldData(6);
  await upgradeNow(old.data);
  const [aside] = setAsides(old.data);
  assert.ok(aside);
  assert.deepEqual(pruneSetAsides(old.data, aside.at_ms + KEPT_MS - 1), []);
  assert.deepEqual(pruneSetAsides(old.data, aside.at_ms + KEPT_MS), [aside.directory]);
  assert.ok(!existsSync(aside.directory));
  await using store = await openAt(old.store);
  assert.deepEqual(await subjects(store), OLD);
});

void test("a clock that starts in another year removes nothing that was set aside; two weeks that were believed do", async () => {
  using old = await oldData(SCHEMA_VERSION - 1);
  await upgradeNow(old.data);
  const [aside] = setAsides(old.data);
  assert.ok(aside);
  await using store = await openAt(old.store);
  for (const [believed_ms, left] of [
    [aside.at_ms, 1],
    [aside.at_ms + KEPT_MS, 0],
  ] as const) {
    await store.directory.putSetting(TIME_BELIEVED, String(believed_ms));
    const clock = new ManualClock(aside.at_ms + 30 * KEPT_MS);
    await (await keepUpgrades(old.data, store, { clock, log: silent }))[Symbol.asyncDispose]();
    assert.equal(setAsides(old.data).length, left);
  }
});

void test("a store of an archive made by an earlier version is read once it is brought to this one's schema", async () => {
  using old = await oldData(SCHEMA_VERSION - 1);
  bringToDate(old.store);
  await using store = await openStore({
    directory: old.store,
    log: silent,
    clock: systemClock,
    readOnly: true,
  });
  assert.deepEqual(await subjects(store), OLD);
});
