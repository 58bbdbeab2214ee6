/** A person's right to see and to go: everything about them, and nothing of others. */
import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { test } from "node:test";
import { erasePerson, personalData } from "../../src/accounts/personal-data.ts";
import { delivery, queued, sample, value } from "../../src/store/conformance/fixtures.ts";
import type { JournalEntry } from "../../src/store/store.ts";
import { TestServer } from "../e2e/server.ts";
import { House } from "./house.ts";

const record = (id: string, keys: string[], text: string): JournalEntry => ({
  kind: "message",
  id,
  at_ms: 1000,
  keys,
  body: JSON.stringify({ text }),
});

void test("all that names a person is found and goes; who only has a similar address stays as he is", async () => {
  await using house = await House.open();
  const { store } = house;
  const [anna, hanna] = [await house.account("anna@example.org"), await house.account("hanna@example.org")];
  const people = [anna.id, hanna.id];
  await store.mail.deliver(delivery(sample("for both"), people));
  await store.mail.deliver({
    ...delivery(sample("hers"), [anna.id]),
    queue: { ...queued("q1", ["x@example.net"]), submitter: "anna@example.org" },
  });
  await store.mail.deliver({
    ...delivery(sample("his"), []),
    queue: { ...queued("q2", ["x@example.net"]), submitter: "hanna@example.org" },
  });
  const alias = (localPart: string, members: string[]) =>
    store.directory.putAddress({ localPart, domain: "example.org", target: { kind: "alias", members } });
  await alias("team", ["anna@example.org", "hanna@example.org"]);
  await alias("solo", ["anna@example.org"]);
  await store.directory.putAddress({
    localPart: "sales",
    domain: "example.org",
    target: { kind: "account", account: anna.id },
  });
  for (const key of ["sales@example.org", "hanna@example.org"])
    await store.tables.putAccess({
      table: "senders",
      key,
      value: "OK",
      reason: "",
      author: "",
      created_ms: 1,
    });
  for (const person of ["anna", "hanna"])
    await store.tables.putAccess({
      table: "greylist",
      key: `192.0.2.0/24 x@example.net ${person}@example.org`,
      value: "DUNNO",
      reason: "",
      author: "",
      created_ms: 1,
    });
  await store.journal.record([
    record("j1", ["anna@example.org"], "a"),
    record("j2", ["k"], "to <Anna+Shop@Example.org>"),
    record("j3", ["k"], "from sales@example.org."),
    record("j4", ["hanna@example.org"], "b"),
    record(
      "j5",
      ["k"],
      "anna@example.org.evil.test, xanna@example.org, anna@example.organic, .anna@example.org",
    ),
  ]);
  const row = (await store.directory.account(anna.id)) ?? assert.fail();
  const person = await personalData(store, row, 5000);
  assert.deepEqual(
    person.journal.map(({ id }) => id),
    ["j1", "j2", "j3"],
  );
  assert.deepEqual(person.aliases.map(({ localPart }) => localPart).sort(), ["solo", "team"]);
  assert.deepEqual(
    person.queued.map(({ id }) => id),
    ["q1"],
  );
  assert.deepEqual(
    person.accessEntries.map(({ key }) => key),
    ["192.0.2.0/24 x@example.net anna@example.org", "sales@example.org"],
  );
  assert.equal(person.addresses.length, 2);
  assert.equal(
    person.mailboxes.reduce((sum, { messages }) => sum + messages, 0),
    2,
  );

  value(await store.directory.changeAccount(anna.id, { legalHold: true }));
  await assert.rejects(erasePerson(store, person), { code: "on-hold" });
  assert.equal((await personalData(store, row, 5000)).journal.length, 3);
  value(await store.directory.changeAccount(anna.id, { legalHold: false }));

  const dies = { ...store.directory, removeAccount: () => Promise.reject(new Error("killed")) };
  await assert.rejects(erasePerson({ ...store, directory: dies }, person), /killed/);
  const half = await personalData(store, row, 5000);
  assert.deepEqual([half.journal, half.accessEntries, half.aliases], [[], [], []]);

  await erasePerson(store, half);
  assert.equal(await store.directory.accountByLogin("anna@example.org"), undefined);
  assert.deepEqual((await store.directory.address("team", "example.org"))?.target, {
    kind: "alias",
    members: ["hanna@example.org"],
  });
  assert.equal(await store.directory.address("solo", "example.org"), undefined);
  assert.equal(await store.directory.address("sales", "example.org"), undefined);
  assert.deepEqual(
    (await store.queue.queued()).map(({ id }) => id),
    ["q2"],
  );
  const left = await store.journal.journalFind({ since_ms: 0, limit: 99 });
  assert.deepEqual(left.map(({ id }) => id).sort(), ["j4", "j5"]);
  assert.equal((await store.tables.accessEntries("senders", 5000)).length, 1);
  const inbox = (await store.mail.mailboxByName(hanna.id, "INBOX")) ?? assert.fail();
  assert.equal(inbox.messages, 1);
  value(await store.mail.createMailbox(hanna.id, "still works"));
  using db = new DatabaseSync(join(house.directory, "mail.db"), { readOnly: true });
  for (const { name } of db.prepare("SELECT name FROM sqlite_schema WHERE type = 'table'").all())
    if (!/^(journal|journal_key|sqlite_)/.test(String(name)))
      assert.doesNotMatch(
        JSON.stringify(db.prepare(`SELECT * FROM "${String(name)}"`).all()),
        /"anna@|[^a-z.]anna@example/,
        String(name),
      );
});

void test("account export and account delete on the command line", async () => {
  const workshop = mkdtempSync(join(tmpdir(), "wachpost-person-"));
  await using server = await TestServer.create({ users: ["anna"] });
  const said = await server.cliWith(
    "From: anna@wachpost.test\nTo: anna@wachpost.test\nSubject: note\n\nx\n",
    "sendmail",
    "anna@wachpost.test",
  );
  assert.equal(said.status, 0, said.stderr);
  const directory = join(workshop, "anna");
  server.cliOk("account", "export", server.login("anna"), directory);
  assert.equal(readdirSync(join(directory, "cur")).length, 1);
  const json = readFileSync(join(directory, "account.json"), "utf8");
  assert.equal((JSON.parse(json) as { account: { login: string } }).account.login, server.login("anna"));
  assert.doesNotMatch(json, /argon2|scramSalt|storedKey/);
  const counted = JSON.parse(
    server.cliOk("account", "delete", server.login("anna"), "--dry-run", "--json"),
  ) as {
    counts: Record<string, number>;
  };
  assert.deepEqual([counted.counts["messages"], counted.counts["addresses"]], [1, 1]);
  assert.match(
    server.cli("account", "delete", server.login("anna")).stderr,
    /Nothing was removed.*\n.*--dry-run/,
  );
  assert.match(server.cliOk("account", "delete", server.login("anna"), "--yes"), /is gone with all this/);
  assert.deepEqual(JSON.parse(server.cliOk("account", "list", "--json")), []);
  rmSync(workshop, { recursive: true });
});
