import assert from "node:assert/strict";
import { mkdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { test } from "node:test";
import { openAt, openTemporary, silent, temporaryDirectory } from "../../../test/store/engine.ts";
import { systemClock } from "../../base/clock.ts";
import { addAccount, delivery, mailboxNamed, rowsOf, sample, value } from "../conformance/fixtures.ts";
import type { StoreFault } from "../store.ts";
import { databasePath } from "./layout.ts";
import { MIGRATIONS, SCHEMA_VERSION } from "./migrations.ts";
import { openStore } from "./open.ts";
import { SCHEMA_1 } from "./schema.ts";
import { migrateBeside, TrialFailed } from "./upgrade.ts";

const APPLICATION_ID = 0x77707374;

/** A database made by hand; the connection is closed again. */
function withDatabase<T>(directory: string, work: (db: DatabaseSync) => T): T {
  mkdirSync(directory, { recursive: true });
  const db = new DatabaseSync(databasePath(directory));
  try {
    return work(db);
  } finally {
    db.close();
  }
}

const versionOf = (directory: string): unknown =>
  withDatabase(directory, (db) => db.prepare("PRAGMA user_version").get());

const schemaOf = (directory: string): unknown[] =>
  withDatabase(directory, (db) =>
    db.prepare("SELECT type, name, sql FROM sqlite_schema ORDER BY type, name").all(),
  );

const asVersion = (version: number): string =>
  `PRAGMA user_version = ${version}; PRAGMA application_id = ${APPLICATION_ID}`;

/** What a server with schema 1 left behind: one account with one empty INBOX. */
const VERSION_1 = `${SCHEMA_1}; ${asVersion(1)};
  INSERT INTO domain VALUES ('example.org');
  INSERT INTO account (login, domain, display_name, quota_octets, administrator, scram_salt, created_ms, mod_seq)
    VALUES ('you@example.org', 'example.org', 'You', 0, 1, x'0707', 1, 2);
  INSERT INTO address VALUES ('example.org', 'you', 1, NULL);
  INSERT INTO mailbox (account_id, name, uid_validity, uid_next, mod_seq) VALUES (1, 'INBOX', 1700000000, 8, 2);
  INSERT INTO counter VALUES ('uid_validity', 1700000000);
  INSERT INTO setting VALUES ('key', 'kept')`;

void test("a database of version 1 is brought up to date, keeps its rows and has the schema of a new one", async () => {
  const directory = temporaryDirectory();
  withDatabase(directory, (db) => db.exec(VERSION_1));
  await assert.rejects(openAt(directory), { fault: "older-schema" });
  assert.deepEqual({ ...(versionOf(directory) as object) }, { user_version: 1 });
  await migrateBeside({ directory, aside: join(directory, "aside"), keep: () => {}, told: () => {} });
  {
    await using store = await openAt(directory);
    const account = await store.directory.accountByLogin("you@example.org");
    assert.equal(account?.displayName, "You");
    assert.equal(await store.directory.setting("key"), "kept");
    await store.mail.deliver(delivery(sample("one"), [account.id]));
    const inbox = await mailboxNamed(store, account.id);
    assert.equal(inbox.uidValidity, 1_700_000_000);
    assert.equal((await rowsOf(store, inbox.id))[0]?.uid, 8);
    await store.journal.record([{ kind: "session", id: "s", at_ms: 1, keys: ["k"], body: "{}" }]);
    assert.equal((await store.journal.journalFind({ key: "k", since_ms: 0, limit: 1 })).length, 1);
    const key = {
      domain: "example.org",
      selector: "a",
      algorithm: "rsa-sha256",
      privateKey: "",
      created_ms: 1,
      active_ms: 1,
    } as const;
    value(await store.directory.putSigningKey(key));
  }
  const fresh = await openTemporary();
  assert.deepEqual(schemaOf(directory), schemaOf(fresh.directory));
  assert.deepEqual({ ...(versionOf(directory) as object) }, { user_version: SCHEMA_VERSION });
  await fresh.close();
  rmSync(directory, { recursive: true });
});

void test("records that wait for their keys when schema 12 comes are counted once, with their keys", async () => {
  const directory = temporaryDirectory();
  const before = MIGRATIONS.slice(0, 11).join("\n");
  withDatabase(directory, (db) =>
    db.exec(`${before}; ${asVersion(11)};
      INSERT INTO journal (kind, id, at_ms, body) VALUES ('session', 's', 1, x'005b5d0a7b7d');
      INSERT INTO counter VALUES ('journal_octets', 6)`),
  );
  await migrateBeside({ directory, aside: join(directory, "aside"), keep: () => {}, told: () => {} });
  await using store = await openAt(directory);
  assert.equal(await store.journal.prune({ before_ms: 0, octets_max: 6 }), 0);
  assert.equal(await store.journal.prune({ before_ms: 0, octets_max: 5 }), 1);
  rmSync(directory, { recursive: true });
});

void test("a migration that fails leaves the version before", async () => {
  const directory = temporaryDirectory();
  withDatabase(directory, (db) => db.exec(`${VERSION_1}; CREATE TABLE signing_key (in_the_way TEXT)`));
  const before = schemaOf(directory);
  const order = { directory, aside: join(directory, "aside"), keep: () => assert.fail(), told: () => {} };
  await assert.rejects(migrateBeside(order), TrialFailed);
  assert.deepEqual(schemaOf(directory), before);
  assert.deepEqual({ ...(versionOf(directory) as object) }, { user_version: 1 });
  rmSync(directory, { recursive: true });
});

const refused: readonly { readonly name: string; readonly sql: string; readonly fault: StoreFault }[] = [
  { name: "a schema newer than this program", sql: asVersion(SCHEMA_VERSION + 1), fault: "newer-schema" },
  {
    name: "a database of another program",
    sql: "PRAGMA user_version = 1; PRAGMA application_id = 7",
    fault: "corrupt",
  },
];
for (const { name, sql, fault } of refused) {
  void test(`${name} is refused and left as it is, for writing and for reading`, async () => {
    const engine = await openTemporary();
    await addAccount(engine.store, "you@example.org");
    await engine.store[Symbol.asyncDispose]();
    withDatabase(engine.directory, (db) => db.exec(`${sql}; PRAGMA wal_checkpoint(TRUNCATE)`));
    const before = readFileSync(databasePath(engine.directory));
    for (const readOnly of [false, true]) {
      const options = { directory: engine.directory, log: silent, clock: systemClock, readOnly };
      await assert.rejects(openStore(options), { fault });
    }
    assert.ok(readFileSync(databasePath(engine.directory)).equals(before));
    rmSync(engine.directory, { recursive: true });
  });
}
