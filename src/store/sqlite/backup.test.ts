import assert from "node:assert/strict";
import { existsSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { test } from "node:test";
import { openAt, openTemporary, temporaryDirectory } from "../../../test/store/engine.ts";
import { segmentPath, segmentsDirectory } from "../blobs/segment-files.ts";
import {
  addAccount,
  delivery,
  flags,
  mailboxNamed,
  queued,
  rowsOf,
  sample,
  uidSet,
  value,
} from "../conformance/fixtures.ts";
import type { Store } from "../store.ts";
import { databasePath } from "./layout.ts";
import { restore } from "./restore.ts";

/** Everything a client could compare. */
async function contentOf(store: Store): Promise<object> {
  const found: object[] = [];
  for (const account of await store.directory.accounts()) {
    for (const { name, uidValidity, messages, unseen, id } of await store.mail.mailboxes(account.id)) {
      const rows = await rowsOf(store, id);
      const octets: string[] = [];
      for (const { blob } of rows) octets.push(String(await store.mail.octets(blob)));
      found.push({ login: account.login, name, uidValidity, messages, unseen, rows, octets });
    }
  }
  return {
    found,
    queue: await store.queue.queued(),
    journal: await store.journal.journalFind({ since_ms: 0, limit: 99 }),
  };
}

async function fill(store: Store): Promise<void> {
  const account = await addAccount(store, "you@example.org");
  const inbox = await mailboxNamed(store, account);
  for (let i = 0; i < 20; i++) await store.mail.deliver(delivery(sample(`message ${i}`), [account]));
  value(await store.mail.storeFlags(inbox.id, uidSet(2, 4), { action: "add", flags: flags(5, "work") }));
  value(await store.mail.remove(inbox.id, uidSet(3, 20)));
  await store.mail.deliver({
    ...delivery(sample("on its way"), []),
    queue: queued("q1", ["a@example.net"]),
    journal: [{ kind: "message", id: "q1", at_ms: 1, keys: ["q1"], body: "{}" }],
  });
}

void test("a backup taken while mail comes in is whole, and what it holds comes back with the same uids and flags", async () => {
  const engine = await openTemporary();
  const { store } = engine;
  await fill(store);
  const want = await contentOf(store);
  const parent = temporaryDirectory();
  const [copy, restored, later, laterRestored] = ["copy", "restored", "later", "later-restored"].map((name) =>
    join(parent, name),
  );
  assert.ok(copy && restored && later && laterRestored);
  await store.backup(copy);
  const verified = await restore(copy, restored);
  assert.deepEqual([verified.messages, verified.blobs], [18, 19]);
  const account = (await store.directory.accountByLogin("you@example.org"))?.id ?? assert.fail();
  {
    await using back = await openAt(restored);
    assert.deepEqual(await contentOf(back), want);
    // What was given out after the backup is unknown, so new numbers lie far beyond.
    const before = await mailboxNamed(store, account);
    const inbox = await mailboxNamed(back, account);
    await back.mail.deliver(delivery(sample("new"), [account]));
    const uid = (await rowsOf(back, inbox.id)).at(-1)?.uid ?? 0;
    assert.ok(uid >= before.uidNext + 1000, `uid ${uid}`);
    assert.ok(inbox.highestModSeq > before.highestModSeq + 1000);
    const delta = await back.mail.delta(inbox.id, before.highestModSeq);
    assert.ok(
      delta.vanished.includes(before.uidNext),
      "views of uids given out after the backup must forget them",
    );
    const made = value(await back.mail.createMailbox(account, "Made later"));
    assert.ok(((await back.mail.mailbox(made))?.uidValidity ?? 0) > before.uidValidity + 1000);
  }

  let writing = true;
  const arrivals = (async () => {
    for (let i = 0; writing; i++) {
      const { id } = await mailboxNamed(store, account);
      await store.mail.deliver(delivery(sample(`meanwhile ${i}`), [account]));
      if (i % 3 === 0) value(await store.mail.remove(id, (await store.mail.uids(id)).slice(0, 1)));
    }
  })();
  await store.backup(later);
  writing = false;
  await arrivals;
  assert.ok((await restore(later, laterRestored)).messages > 0, "rows and octets agree");
  await assert.rejects(store.backup(copy), { fault: "io" });
  await assert.rejects(restore(copy, restored), { fault: "io" });
  await assert.rejects(restore(join(parent, "none"), join(parent, "x")), { fault: "io" });
  await engine.close();
  rmSync(parent, { recursive: true });
});

const damages: readonly { readonly name: string; readonly spoil: (backup: string) => void }[] = [
  {
    name: "one octet of a message is another",
    spoil(backup) {
      const path = segmentPath(segmentsDirectory(backup), 1);
      const octets = readFileSync(path);
      octets[12] = (octets[12] ?? 0) ^ 1;
      writeFileSync(path, octets);
    },
  },
  {
    name: "a segment is short",
    spoil: (backup) => truncateSync(segmentPath(segmentsDirectory(backup), 1), 40),
  },
  { name: "a segment is missing", spoil: (backup) => rmSync(segmentPath(segmentsDirectory(backup), 1)) },
  { name: "the database is short", spoil: (backup) => truncateSync(databasePath(backup), 60_000) },
  ...[
    ["a row of a message is missing", "DELETE FROM message WHERE uid = 5"],
    ["a row of the bytes is missing", "DELETE FROM blob WHERE start = 0"],
    ["a counter is wrong", "UPDATE mailbox SET unseen = unseen + 1 WHERE name = 'INBOX'"],
    ["the use of an account is wrong", "UPDATE account SET used_octets = 1"],
    ["the next uid is one given out", "UPDATE mailbox SET uid_next = 10 WHERE name = 'INBOX'"],
    ["a queued message is counted wrongly", "DELETE FROM queue_recipient; DELETE FROM queue_entry"],
    ["the journal is counted wrongly", "INSERT OR REPLACE INTO counter VALUES ('journal_octets', 1)"],
  ].map(([name = "", sql = ""]) => ({
    name,
    spoil(backup: string) {
      const db = new DatabaseSync(databasePath(backup));
      db.exec(sql);
      db.close();
    },
  })),
];
for (const { name, spoil } of damages) {
  void test(`a damaged backup is found out and not restored: ${name}`, async () => {
    const engine = await openTemporary();
    await fill(engine.store);
    const parent = temporaryDirectory();
    const backup = join(parent, "backup");
    await engine.store.backup(backup);
    await engine.close();
    spoil(backup);
    await assert.rejects(restore(backup, join(parent, "restored")), { fault: "corrupt" });
    assert.equal(existsSync(join(parent, "restored")), false);
    rmSync(parent, { recursive: true });
  });
}
