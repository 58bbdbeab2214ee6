import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { openTemporary } from "../../../test/store/engine.ts";
import { segmentsDirectory } from "../blobs/segment-files.ts";
import {
  addAccount,
  flags,
  mailboxNamed,
  newMessage,
  RECEIVED_MS,
  rowsOf,
  sample,
  uidSet,
  value,
} from "../conformance/fixtures.ts";
import { openForReading, openForWriting } from "./database.ts";
import { databasePath } from "./layout.ts";
import type { MailboxId } from "../../base/mail-ids.ts";
import type { Store } from "../store.ts";
import { verify, type Verified } from "./verify.ts";

const MEGABYTE = 1024 * 1024;
/** Tidying waits for nobody, so this is only for a machine that hangs. */
const DEADLINE_MS = 30_000;

const octetsIn = (directory: string): number =>
  readdirSync(directory).reduce((sum, name) => sum + statSync(join(directory, name)).size, 0);

async function until(met: () => boolean): Promise<void> {
  for (const end = Date.now() + DEADLINE_MS; !met();) {
    assert.ok(Date.now() < end, "not reached in time");
    await sleep(10);
  }
}

const { outline } = sample("large");

/** Seven messages fill a segment, the eighth begins the next. */
async function fillSegment(store: Store, mailbox: MailboxId): Promise<readonly Buffer[]> {
  const bodies = Array.from({ length: 8 }, () => randomBytes(5 * MEGABYTE));
  for (const octets of bodies) value(await store.mail.append(mailbox, [newMessage({ octets, outline })]));
  return bodies;
}

async function verified(directory: string): Promise<Verified> {
  using db = openForReading(databasePath(directory));
  return await verify(db, directory);
}

void test("removed mail gives its space back, and what lives beside it is read as before", async () => {
  const engine = await openTemporary();
  const { store, directory } = engine;
  const account = await addAccount(store, "you@example.org");
  const inbox = await mailboxNamed(store, account);
  const bodies = await fillSegment(store, inbox.id);
  const segments = segmentsDirectory(directory);
  assert.ok(octetsIn(segments) > 40 * MEGABYTE);
  const rows = await rowsOf(store, inbox.id);
  const held = await store.mail.octets(rows[2]?.blob ?? "");
  assert.ok(held && bodies[2]?.equals(held), "its segment is open for reading now");
  value(await store.mail.remove(inbox.id, uidSet(1, 2, 4, 5, 6, 7)));
  await until(() => !readdirSync(segments).includes("1.seg"));
  assert.ok(octetsIn(segments) < 11 * MEGABYTE);
  for (const at of [2, 7]) {
    const octets = await store.mail.octets(rows[at]?.blob ?? "");
    assert.ok(octets && bodies[at]?.equals(octets));
    assert.deepEqual(await store.mail.outline(rows[at]?.blob ?? ""), outline);
  }
  const reopened = await engine.reopen();
  assert.equal((await reopened.mail.octets(rows[2]?.blob ?? ""))?.length, 5 * MEGABYTE);
  assert.equal((await verified(directory)).messages, 2);
  await engine.close();
});

void test("what was moved once moves on when its new segment is given up, and a segment ends when all in it have gone", async () => {
  const engine = await openTemporary();
  const { store, directory } = engine;
  const account = await addAccount(store, "you@example.org");
  const inbox = await mailboxNamed(store, account);
  const segments = segmentsDirectory(directory);
  const bodies = await fillSegment(store, inbox.id);
  value(await store.mail.remove(inbox.id, uidSet(1, 2, 4, 5, 6, 7)));
  await until(() => !readdirSync(segments).includes("1.seg"));
  await fillSegment(store, inbox.id);
  value(await store.mail.remove(inbox.id, uidSet(8, 9, 10, 11, 12, 13)));
  await until(() => !readdirSync(segments).includes("2.seg"));
  const [first] = await rowsOf(store, inbox.id);
  assert.equal(first?.uid, 3);
  assert.ok(bodies[2]?.equals((await store.mail.octets(first.blob)) ?? Buffer.alloc(0)));
  assert.equal((await verified(directory)).blobs, (await rowsOf(store, inbox.id)).length);
  await engine.close();
});

void test("a mailbox and an account that were removed leave no rows, and no bytes that count as living", async () => {
  const engine = await openTemporary();
  const { store, directory } = engine;
  const account = await addAccount(store, "you@example.org");
  const many = value(await store.mail.createMailbox(account, "Many"));
  const messages = Array.from({ length: 1200 }, (_, i) => ({
    source: { kind: "octets", octets: sample(`m${i}`).octets } as const,
    outline: sample(`m${i}`, { messageId: `<${i}@x>` }).outline,
    flags: flags(0, "word"),
    internalDate_ms: RECEIVED_MS,
  }));
  value(await store.mail.append(many, messages));
  value(await store.mail.deleteMailbox(many));
  value(await store.directory.removeAccount(account));
  using db = openForReading(databasePath(directory));
  const left = (): unknown[] =>
    ["message", "keyword", "thread", "grave", "blob"].filter((table) =>
      db.one(`SELECT 1 FROM ${table} LIMIT 1`),
    );
  await until(() => left().length === 0);
  const { octets } = await verify(db, directory);
  assert.equal(octets, 0);
  await engine.close();
});

void test("files a killed process left behind are cleared away at the next start", async () => {
  const engine = await openTemporary();
  const stray = join(segmentsDirectory(engine.directory), "999.seg");
  const foreign = join(segmentsDirectory(engine.directory), "notes.txt");
  for (const path of [stray, foreign]) writeFileSync(path, "left over");
  await engine.reopen();
  assert.deepEqual(
    readdirSync(segmentsDirectory(engine.directory)).filter((name) => name !== "1.seg"),
    ["notes.txt"],
  );
  rmSync(foreign);
  await engine.close();
});

/** Long enough for a sweep that must not happen; too short a wait can only hide a fault, never report one. */
const QUIET_MS = 300;

void test("while a backup copies, no segment goes; afterwards it does", async () => {
  const engine = await openTemporary();
  const { store, directory } = engine;
  const account = await addAccount(store, "you@example.org");
  const inbox = await mailboxNamed(store, account);
  await fillSegment(store, inbox.id);
  using db = openForWriting(databasePath(directory));
  db.run("INSERT INTO hold (id, until_ms) VALUES ('another process', ?)", Date.now() + 3_600_000);
  value(await store.mail.remove(inbox.id, uidSet(1, 2, 3, 4, 5, 6, 7)));
  await sleep(QUIET_MS);
  const segments = segmentsDirectory(directory);
  assert.ok(readdirSync(segments).includes("1.seg"));
  db.run("DELETE FROM hold");
  value(await store.mail.remove(inbox.id, uidSet(8)));
  await until(() => !readdirSync(segments).includes("1.seg"));
  await engine.close();
});

void test("what is refused or pruned leaves nothing behind that the store would have to explain", async () => {
  const engine = await openTemporary();
  const { store, directory } = engine;
  const account = await addAccount(store, "you@example.org", sample("one").octets.length);
  const { id } = await mailboxNamed(store, account);
  const both = [newMessage(sample("one")), newMessage(sample("two"))];
  assert.deepEqual(await store.mail.append(id, both), { ok: false, error: "over-quota" });
  value(await store.mail.append(id, [newMessage(sample("one"))]));
  const path = join(directory, "spooled");
  writeFileSync(path, sample("one").octets);
  value(await store.directory.changeAccount(account, { quota_octets: 0 }));
  const spooled = { kind: "file", path, size: sample("one").octets.length } as const;
  value(await store.mail.append(id, [{ ...newMessage(sample("one")), source: spooled }]));
  const note = { kind: "session", id: "s", at_ms: 1, keys: ["a", "b"], body: "{}" };
  await store.journal.record([note, { ...note, at_ms: 2 }]);
  assert.equal(await store.journal.prune({ before_ms: 2, octets_max: 1000 }), 1);
  assert.equal((await verified(directory)).blobs, 1);
  await engine.close();
});
