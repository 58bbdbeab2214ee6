/** Folders that keep mail for so many days: the real server, a mail program that looks on, and the ways to stop it. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { ImapFlow } from "imapflow";
import { ManualClock, systemClock } from "../../src/base/clock.ts";
import { silentLog } from "../../src/base/log.ts";
import { scan } from "../../src/message/mime.ts";
import { openForReading } from "../../src/store/sqlite/database.ts";
import { databasePath } from "../../src/store/sqlite/layout.ts";
import { TIME_BELIEVED } from "../../src/store/retention.ts";
import { openStore } from "../../src/store/sqlite/open.ts";
import { verify } from "../../src/store/sqlite/verify.ts";
import { NO_FLAGS, type MailboxRow, type Store } from "../../src/store/store.ts";
import { TestServer } from "./server.ts";

const DAY_MS = 86_400_000;
/** More than one run takes from a mailbox. */
const MANY = 2_500;
const QUEUE_ID = "q7mt3v9zk2";

let server: TestServer;
const storeDirectory = (): string => join(server.directory, "data/store");

/** The store beside the server, as it was so many days ago by the clock. */
async function inStore<T>(work: (store: Store) => Promise<T>, daysAgo = 0): Promise<T> {
  const clock = daysAgo === 0 ? systemClock : new ManualClock(Date.now() - daysAgo * DAY_MS);
  await using store = await openStore({ directory: storeDirectory(), log: silentLog, clock });
  return await work(store);
}

async function mailbox(store: Store, name: string, user = "you"): Promise<MailboxRow> {
  const account = await store.directory.accountByLogin(server.login(user));
  const found = account && (await store.mail.mailboxByName(account.id, name));
  return found ?? assert.fail(`no ${name} of ${user}`);
}

/** As it is now, for the looks of all tests. */
let view: Store;
const counted = async (name: string, user?: string): Promise<number> =>
  (await mailbox(view, name, user)).messages;

async function deliver(store: Store, count: number, user: string, name: string): Promise<void> {
  const { account } = await mailbox(store, name, user);
  const octets = Buffer.from("From: paula@sender.test\r\nSubject: prize\r\n\r\nYou have won.\r\n");
  const message = {
    source: { kind: "octets", octets },
    outline: scan(octets),
    received_ms: Date.now(),
  } as const;
  const copies = [{ account, mailbox: name, flags: NO_FLAGS }];
  await Promise.all(Array.from({ length: count }, () => store.mail.deliver({ ...message, copies })));
}

before(async () => {
  server = await TestServer.create({ users: ["you", "held"] });
  await inStore(async (store) => {
    await deliver(store, MANY, "you", "Junk");
    await deliver(store, 2, "held", "Trash");
    await deliver(store, 1, "you", "INBOX");
    const held = await mailbox(store, "Trash", "held");
    await store.directory.changeAccount(held.account, { legalHold: true });
  }, 40);
  // The server was last seen in another year.
  await inStore((store) =>
    store.directory.putSetting("expiry-clock", JSON.stringify({ believed_ms: Date.now() - 400 * DAY_MS })),
  );
  view = await openStore({ directory: storeDirectory(), log: silentLog, clock: systemClock, readOnly: true });
});
after(async () => {
  await view[Symbol.asyncDispose]();
  await server[Symbol.asyncDispose]();
});

async function until(holds: () => boolean | Promise<boolean>, what: string): Promise<void> {
  for (let tries = 0; !(await holds()); tries++) {
    if (tries === 6_000) assert.fail(`${what}\n${server.log.join("\n")}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

test("by a clock that jumped nothing goes, and the operator is told why", async () => {
  await server.start();
  await until(() => server.log.some((line) => line.includes("expiry.clock-doubted")), "no doubt");
  assert.equal(await counted("Junk"), MANY);
  assert.match(
    server.cliOk("account", "retention", server.login()),
    /Nothing expires until .*the clock jumped from/,
  );
  await server.stop();
});

test("killed in the middle of it, the store is sound, and the next start goes on", async () => {
  await inStore((store) =>
    store.directory.putSetting("expiry-clock", JSON.stringify({ believed_ms: Date.now() })),
  );
  await server.start();
  await until(async () => (await counted("Junk")) < MANY, "nothing went");
  await server.kill();
  const left = await counted("Junk");
  assert.ok(left >= MANY - 2_000, `${left}`);
  {
    using db = openForReading(databasePath(storeDirectory()));
    // Rows, counters and every octet agree.
    assert.equal((await verify(db, storeDirectory())).messages, left + 3);
  }
  await server.start();
  await until(async () => (await counted("Junk")) === Math.max(0, left - 2_000), "not all went");
  assert.equal(await counted("INBOX"), 1);
  await server.stop();
});

test("a mail program sees it at once; a dry run and a missing --yes change nothing; explain says who it was", async () => {
  await inStore(async (store) => {
    const junk = await mailbox(store, "Junk");
    await store.retention.keepFor(junk.id, 0);
    await store.mail.remove(junk.id, await store.mail.uids(junk.id));
    // What follows comes forty days ago, when nobody had seen the time of today.
    await store.directory.putSetting(TIME_BELIEVED, "0");
  });
  await inStore(async (store) => {
    await deliver(store, 2, "you", "Junk");
    const { account } = await mailbox(store, "Junk");
    const octets = Buffer.from("Subject: known\r\n\r\n");
    await store.mail.deliver({
      source: { kind: "octets", octets },
      outline: scan(octets),
      received_ms: Date.now(),
      origin: QUEUE_ID,
      copies: [{ account, mailbox: "Junk", flags: NO_FLAGS }],
      journal: [{ kind: "message", id: QUEUE_ID, at_ms: Date.now(), keys: [QUEUE_ID], body: "{}" }],
    });
  }, 40);
  await server.start();
  const client = new ImapFlow({
    host: "localhost",
    port: server.ports.imaps,
    secure: true,
    auth: { user: server.login(), pass: server.password() },
    logger: false,
    tls: { ca: readFileSync(server.authorityFile) },
  });
  await client.connect();
  await client.mailboxOpen("Junk");
  let gone = 0;
  client.on("expunge", () => void gone++);
  void client.idle().catch(() => {});
  const order = ["account", "retention", server.login(), "junk", "30"];
  assert.match(
    server.cliOk(...order, "--dry-run"),
    /Junk: 3 messages .* would go with 30 days.\nNothing was changed/,
  );
  const refused = server.cli(...order);
  assert.match(refused.stderr, /3 messages .* would go at once, for good. Nothing was changed/);
  assert.equal(refused.status, 1);
  assert.deepEqual([gone, await counted("Junk")], [0, 3]);
  assert.match(server.cliOk(...order, "--yes"), /mail is kept for 30 days after it came there. 3 messages/);
  await until(() => gone === 3, "no EXPUNGE");
  assert.equal(await counted("Junk"), 0);
  await client.logout();
  const told = await server.explained(QUEUE_ID);
  assert.match(told, /removed from the mailbox of you@.*for so many days only/);
  assert.doesNotMatch(told, /removed it/);
});

test("legal hold: nothing went, the account cannot be removed, and the end of it takes effect", async () => {
  const login = server.login("held");
  assert.equal(await counted("Trash", "held"), 2);
  const { status, stderr } = server.cli("account", "remove", login, "--yes");
  assert.equal(status, 1);
  assert.match(stderr, /under legal hold[^]*-> .*--release/);
  const kept = server.cliOk("account", "retention", login, "Trash", "7");
  assert.match(kept, /2 messages .* stay until the legal hold ends/);
  assert.match(server.cliOk("account", "show", login), /legal hold[^]*but Junk 30 days, Trash 7 days/);
  server.cliOk("account", "retention", login, "--release");
  await until(async () => (await counted("Trash", "held")) === 0, "nothing went");
});
