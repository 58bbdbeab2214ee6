/** What readers do with their mail stands in the journal and is told by `wachpost explain`: over IMAP and POP3. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { ImapFlow } from "imapflow";
import { systemClock } from "../../src/base/clock.ts";
import { silentLog } from "../../src/base/log.ts";
import { findRelated } from "../../src/journal/find.ts";
import { openStore } from "../../src/store/sqlite/open.ts";
import { RawClient } from "./raw-client.ts";
import { TestServer } from "./server.ts";

let server: TestServer;
before(async () => {
  server = await TestServer.start({ users: ["you", "pop"] });
});
after(async () => await server[Symbol.asyncDispose]());

/** Sends a message as another server does and returns its queue id. */
async function deliver(user = "you"): Promise<string> {
  const smtp = await RawClient.plain(server.ports.smtp);
  await smtp.reply();
  await smtp.say("EHLO mx.sender.test");
  await smtp.say("MAIL FROM:<paula@sender.test>");
  await smtp.say(`RCPT TO:<${server.login(user)}>`);
  await smtp.say("DATA");
  const text = await smtp.say(`From: paula@sender.test\r\nSubject: hello\r\n\r\nHello.\r\n.`);
  smtp.write("QUIT\r\n");
  smtp.destroy();
  return /queued as ([a-z0-9]+)/.exec(text)?.[1] ?? assert.fail(text);
}

/** Says commands after a login and returns all that was answered. */
async function imap(...commands: readonly string[]): Promise<string> {
  const client = await RawClient.tls(server.ports.imaps, { ca: readFileSync(server.authorityFile) });
  await client.until(/^\* OK.*\r\n/);
  let heard = "";
  for (const [i, command] of [`LOGIN ${server.login()} "${server.password()}"`, ...commands].entries()) {
    client.write(`a${i} ${command}\r\n`);
    heard += await client.until(new RegExp(`a${i} (OK|NO|BAD) .*\r\n`));
    assert.match(heard, new RegExp(`a${i} OK `), command);
  }
  client.destroy();
  return heard;
}

async function reader(): Promise<ImapFlow> {
  const client = new ImapFlow({
    host: "localhost",
    port: server.ports.imaps,
    secure: true,
    auth: { user: server.login(), pass: server.password() },
    logger: false,
    tls: { ca: readFileSync(server.authorityFile) },
  });
  await client.connect();
  return client;
}

/** Events of a message in their order; records are written within a moment. */
async function eventsOf(id: string, count: number): Promise<string[]> {
  const directory = join(server.directory, "data/store");
  await using store = await openStore({ directory, log: silentLog, clock: systemClock, readOnly: true });
  for (let i = 0; ; i++) {
    const { records } = await findRelated({ text: id, now_ms: Date.now() }, store.journal);
    const events = records.flatMap((record) => (record.kind === "fate" ? [record.event] : []));
    if (events.length >= count || i === 30) return events;
    await new Promise((resolve) => void setTimeout(resolve, 100));
  }
}

test("IMAP: read, answered, junk and back, thrown away; each once", async () => {
  const id = await deliver();
  const commands = [
    "SELECT INBOX",
    "STORE * +FLAGS (\\Seen)",
    "STORE * +FLAGS (\\Answered)",
    "STORE * -FLAGS (\\Seen)",
    "STORE * +FLAGS (\\Seen \\Flagged)",
    "MOVE * Junk",
    "SELECT Junk",
    "MOVE * INBOX",
    // As clients without MOVE do it.
    "SELECT INBOX",
    "COPY * Trash",
    "STORE * +FLAGS (\\Deleted)",
    "EXPUNGE",
  ];
  await imap(...commands);
  const want = ["read", "answered", "to-junk", "from-junk", "removed"];
  assert.deepEqual(await eventsOf(id, 5), want);
  const english = await server.explained(id);
  const german = await server.explained(id, "de");
  for (const [told, sentences] of [
    [english, ["read it", "answered it", "called it junk", "said that it is no junk", "removed it"]],
    [german, ["gelesen", "beantwortet", "zu Spam erklärt", "dass sie kein Spam ist", "gelöscht"]],
  ] as const) {
    for (const sentence of sentences) assert.ok(told.includes(sentence), `${sentence}:\n${told}`);
  }
});

test("looking at a message is reading it, looking at its header is not", async () => {
  const id = await deliver();
  const other = await deliver();
  const found = await imap("SELECT INBOX", "FETCH * (BODY.PEEK[] ENVELOPE)", "UID SEARCH ALL");
  const uids = (/\* SEARCH ([0-9 ]+)\r\n/.exec(found)?.[1] ?? "").split(" ");
  await imap("SELECT INBOX", `UID FETCH ${uids.at(-2) ?? ""} BODY[]`);
  assert.deepEqual(await eventsOf(id, 1), ["read"]);
  assert.deepEqual(await eventsOf(other, 0), []);
});

test("POP3: RETR reads, TOP does not, DELE removes; and IMAP sees what was read", async () => {
  const [read, looked, both] = [await deliver("pop"), await deliver("pop"), await deliver("pop")];
  const pop = await RawClient.tls(server.ports.pop3s, { ca: readFileSync(server.authorityFile) });
  await pop.until(/^\+OK.*\r\n/);
  pop.write(
    `USER ${server.login("pop")}\r\nPASS ${server.password("pop")}\r\nRETR 1\r\nTOP 2 1\r\nRETR 3\r\nDELE 3\r\nQUIT\r\n`,
  );
  await pop.rest();
  assert.deepEqual(await eventsOf(both, 2), ["read", "removed"]);
  assert.deepEqual(await eventsOf(read, 1), ["read"]);
  assert.deepEqual(await eventsOf(looked, 0), []);
});

test("what is known survives a restart, and is not told again", async () => {
  const id = await deliver();
  let client = await reader();
  let lock = await client.getMailboxLock("INBOX");
  await client.messageFlagsAdd("*", ["\\Seen"]);
  lock.release();
  await client.logout();
  await server.stop();
  await server.start();
  client = await reader();
  lock = await client.getMailboxLock("INBOX");
  await client.messageFlagsRemove("*", ["\\Seen"]);
  await client.messageFlagsAdd("*", ["\\Seen", "$NotJunk"]);
  lock.release();
  await client.logout();
  assert.deepEqual(await eventsOf(id, 2), ["read", "from-junk"]);
});
