import assert from "node:assert/strict";
import { chmodSync, mkdirSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { openAt, openTemporary, silent, temporaryDirectory } from "../../../test/store/engine.ts";
import { systemClock } from "../../base/clock.ts";
import type { MailboxId } from "../../base/mail-ids.ts";
import { segmentPath, segmentsDirectory } from "../blobs/segment-files.ts";
import { addAccount, delivery, mailboxNamed, rowsOf, sample } from "../conformance/fixtures.ts";
import { StoreError } from "../store-error.ts";
import type { StoreFault } from "../store.ts";
import { databasePath, lockPath } from "./layout.ts";
import { acquireServerLock } from "./lock.ts";
import { openStore } from "./open.ts";

const isFault =
  (fault: StoreFault) =>
  (error: unknown): boolean => {
    assert.ok(error instanceof StoreError, String(error));
    assert.equal(error.fault, fault, error.message);
    assert.notEqual(error.remedy, "");
    return true;
  };

void test("files of the store can be read by its user only", async () => {
  const engine = await openTemporary();
  await addAccount(engine.store, "you@example.org");
  const { directory } = engine;
  const mode = (path: string): string => (statSync(path).mode & 0o777).toString(8);
  assert.equal(mode(databasePath(directory)), "600");
  assert.equal(mode(`${databasePath(directory)}-wal`), "600");
  assert.equal(mode(segmentPath(segmentsDirectory(directory), 1)), "600");
  assert.equal(mode(segmentsDirectory(directory)), "700");
  await engine.close();
});

void test("a database that is no database, or only its beginning, is refused as damaged and left alone", async () => {
  for (const spoil of [
    (path: string) => writeFileSync(path, "This is not a database, but a letter to one. ".repeat(200)),
    (path: string) => truncateSync(path, 5000),
  ]) {
    const engine = await openTemporary();
    const account = await addAccount(engine.store, "you@example.org");
    await engine.store.mail.deliver(delivery(sample("one"), [account]));
    await engine.store[Symbol.asyncDispose]();
    const path = databasePath(engine.directory);
    spoil(path);
    const before = readFileSync(path);
    await assert.rejects(async () => {
      await using store = await openAt(engine.directory);
      await store.directory.accounts();
      await mailboxNamed(store, account);
    }, isFault("corrupt"));
    assert.ok(readFileSync(path).equals(before));
    rmSync(engine.directory, { recursive: true });
  }
});

void test("rows whose bytes have gone are a fault, not an empty message", async () => {
  const engine = await openTemporary();
  const account = await addAccount(engine.store, "you@example.org");
  await engine.store.mail.deliver(delivery(sample("one"), [account]));
  const [row] = await rowsOf(engine.store, (await mailboxNamed(engine.store, account)).id);
  await engine.store[Symbol.asyncDispose]();
  const path = segmentPath(segmentsDirectory(engine.directory), 1);
  truncateSync(path, 10);
  {
    await using store = await openAt(engine.directory);
    await assert.rejects(store.mail.octets(row?.blob ?? ""), StoreError);
  }
  rmSync(path);
  {
    await using store = await openAt(engine.directory);
    await assert.rejects(store.mail.octets(row?.blob ?? ""), isFault("corrupt"));
  }
  rmSync(engine.directory, { recursive: true });
});

void test("a file where the directory should be, and a directory where the database should be", async () => {
  const directory = temporaryDirectory();
  const file = join(directory, "file");
  writeFileSync(file, "");
  await assert.rejects(openAt(file), StoreError);
  await assert.rejects(openAt(join(file, "below")), StoreError);
  await assert.rejects(acquireServerLock(file), StoreError);
  mkdirSync(databasePath(join(directory, "odd")), { recursive: true });
  await assert.rejects(openAt(join(directory, "odd")), StoreError);
  rmSync(directory, { recursive: true });
});

void test("a directory that cannot be written is refused as read-only", async (t) => {
  if (process.getuid?.() === 0) return t.skip("the superuser may write everywhere; run as another user");
  const directory = temporaryDirectory();
  chmodSync(directory, 0o500);
  await assert.rejects(openAt(directory), isFault("readonly"));
  chmodSync(directory, 0o700);
  rmSync(directory, { recursive: true });
});

void test("a store opened for reading sees what another writes, writes nothing, and is not made where none is", async () => {
  const engine = await openTemporary();
  const account = await addAccount(engine.store, "you@example.org");
  const reading = { directory: engine.directory, log: silent, clock: systemClock, readOnly: true };
  {
    await using reader = await openStore(reading);
    await engine.store.mail.deliver(delivery(sample("one"), [account]));
    assert.equal((await mailboxNamed(reader, account)).messages, 1);
    await assert.rejects(reader.directory.addDomain("example.net"), isFault("readonly"));
    await assert.rejects(reader.mail.deliver(delivery(sample("two"), [account])), isFault("readonly"));
    await assert.rejects(reader.journal.prune({ before_ms: 0, octets_max: 0 }), isFault("readonly"));
  }
  await engine.close();
  await assert.rejects(openStore(reading), isFault("io"));
  assert.equal(statSync(engine.directory, { throwIfNoEntry: false }), undefined);
});

void test("a closed store refuses, and closes only after what was begun is committed", async () => {
  const engine = await openTemporary();
  const { store } = engine;
  const account = await addAccount(store, "you@example.org");
  const begun = Array.from({ length: 50 }, (_, i) =>
    store.mail.deliver(delivery(sample(`m${i}`), [account])),
  );
  await store[Symbol.asyncDispose]();
  assert.ok((await Promise.all(begun)).every(([outcome]) => outcome?.kind === "stored"));
  await assert.rejects(store.directory.addDomain("example.net"), isFault("closed"));
  await assert.rejects(store.directory.domains(), isFault("closed"));
  await assert.rejects(store.mail.uids(1 as MailboxId), isFault("closed"));
  const again = await engine.reopen();
  assert.equal((await mailboxNamed(again, account)).messages, 50);
  await engine.close();
});

void test("two writers on the same data, as server and command line are, lose nothing to each other", async () => {
  const engine = await openTemporary();
  const account = await addAccount(engine.store, "you@example.org");
  await using other = await openAt(engine.directory);
  await Promise.all(
    Array.from({ length: 60 }, (_, i) =>
      (i % 2 === 0 ? engine.store : other).mail.deliver(delivery(sample(`m${i}`), [account])),
    ),
  );
  const rows = await rowsOf(engine.store, (await mailboxNamed(engine.store, account)).id);
  const texts = new Set<string>();
  for (const { blob } of rows) texts.add(String(await other.mail.octets(blob)));
  assert.equal(texts.size, 60);
  await engine.close();
});

void test("a second server on the same data is refused while the first lives, in this process too", async () => {
  const directory = temporaryDirectory();
  {
    await using held = await acquireServerLock(directory);
    assert.ok(held);
    await assert.rejects(acquireServerLock(directory), (error: unknown) => {
      assert.ok(error instanceof StoreError && error.fault === "locked");
      assert.match(error.message, new RegExp(`process ${process.pid}$`));
      return true;
    });
    assert.equal((statSync(lockPath(directory)).mode & 0o077).toString(8), "0");
  }
  await using again = await acquireServerLock(directory);
  assert.ok(again);
  rmSync(directory, { recursive: true });
});

void test("a write that cannot cross to the writer is refused; the next is written, and the store closes", async () => {
  const engine = await openTemporary();
  const uncloneable = (() => "of no use there") as unknown as string;
  await assert.rejects(engine.store.directory.putSetting("key", uncloneable), isFault("io"));
  await engine.store.directory.putSetting("key", "value");
  assert.equal(await engine.store.directory.setting("key"), "value");
  const closing = engine.store.directory.putSetting("key", uncloneable);
  await Promise.all([assert.rejects(closing, isFault("io")), engine.close()]);
});
