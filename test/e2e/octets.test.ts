/** A message in is the same octets out, behind our own trace fields: over IMAP and POP3, for the malformed corpus. */
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { after, before, test } from "node:test";
import { RawClient } from "./raw-client.ts";
import { TestServer } from "./server.ts";

const CORPUS = join(dirname(fileURLToPath(import.meta.url)), "../corpora/messages");
/** The corpus is a few megabytes; single files beyond this add time and no case. */
const FILE_OCTETS_MAX = 400_000;

let server: TestServer;
let ca: string;
before(async () => {
  server = await TestServer.start({ users: ["smtp", "imap"] });
  ca = readFileSync(server.authorityFile, "utf8");
});
after(() => server[Symbol.asyncDispose]());

const corpus = readdirSync(CORPUS, { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile() && !entry.name.endsWith(".md") && !entry.name.startsWith("."))
  .map((entry) => join(entry.parentPath, entry.name))
  .map((file) => ({ name: relative(CORPUS, file), octets: readFileSync(file) }))
  .filter(({ octets }) => octets.length > 0 && octets.length < FILE_OCTETS_MAX);

/** Lines end in CRLF and there is no NUL: what DATA may carry (T-30). */
function isTransportable(octets: Buffer): boolean {
  const text = octets.toString("latin1");
  return !/\0|(^|[^\r])\n|\r(?!\n)/.test(text) && text.endsWith("\r\n") && !/[^\n]{100000}/.test(text);
}

const withCrlf = (octets: Buffer): Buffer => {
  const text = octets
    .toString("latin1")
    .replace(/\r?\n|\r/g, "\r\n")
    .replaceAll("\0", "");
  return Buffer.from(text.endsWith("\r\n") ? text : `${text}\r\n`, "latin1");
};

async function imapLogin(user: string): Promise<RawClient> {
  const client = await RawClient.tls(server.ports.imaps, { ca });
  await client.until(/^\* OK.*\r\n/);
  client.write(`l LOGIN ${server.login(user)} ${server.password(user)}\r\n`);
  await client.until(/^l OK.*\r\n/m);
  return client;
}

async function fetchAll(user: string, count: number): Promise<Buffer[]> {
  const client = await imapLogin(user);
  client.write("s SELECT INBOX\r\n");
  await client.until(/^s OK.*\r\n/m);
  const messages: Buffer[] = [];
  for (let i = 1; i <= count; i++) {
    client.write(`f${i} FETCH ${i} BODY.PEEK[]\r\n`);
    const head = await client.until(/\* \d+ FETCH \(.*?(BODY\[\] \{(\d+)\}\r\n|BODY\[\] ""|BODY\[\] NIL)/);
    const length = Number(/\{(\d+)\}\r\n$/.exec(head)?.[1] ?? 0);
    const body = length === 0 ? "" : await client.until(new RegExp(`^[\\s\\S]{${length}}`));
    messages.push(Buffer.from(body, "latin1"));
    await client.until(new RegExp(`^f${i} OK.*\\r\\n`, "m"));
  }
  client.destroy();
  return messages;
}

test(`SMTP in, IMAP and POP3 out (${corpus.length} files)`, { timeout: 110_000 }, async () => {
  const smtp = await RawClient.plain(server.ports.smtp);
  await smtp.reply();
  await smtp.say("EHLO sender.test");
  const sent: { name: string; octets: Buffer }[] = [];
  let refused = 0;
  for (const { name, octets } of corpus) {
    const raw = isTransportable(octets);
    if (!raw) {
      // Only CRLF.CRLF ends a message, so the last line must end in CRLF whatever the file has.
      const whole = octets.toString("latin1").endsWith("\r\n")
        ? octets
        : Buffer.concat([octets, Buffer.from("\r\n")]);
      const answer = await sendData(smtp, whole);
      assert.match(answer, /^(250|55\d) /, `${name}: ${answer}`);
      if (answer.startsWith("250")) sent.push({ name, octets: whole });
      else refused++;
    }
    const clean = raw ? octets : withCrlf(octets);
    const answer = await sendData(smtp, clean);
    assert.match(answer, /^(250|552|554|550) /, `${name}: ${answer}`);
    if (answer.startsWith("250")) sent.push({ name, octets: clean });
    else refused++;
  }
  smtp.destroy();
  const got = await fetchAll("smtp", sent.length);
  for (const [i, { name, octets }] of sent.entries()) {
    const message = got[i] ?? Buffer.alloc(0);
    assert.ok(
      message.subarray(message.length - octets.length).equals(octets),
      `${name}: octets differ over IMAP`,
    );
    assert.match(
      message.subarray(0, message.length - octets.length).toString("latin1"),
      /^Return-Path: <.*>\r\nReceived: [\s\S]*\r\n$/,
      name,
    );
  }
  await comparePop3(got);
  console.log(`${sent.length} messages in and out unchanged, ${refused} refused with 55x`);
  assert.ok(sent.length >= corpus.length / 2);
});

async function sendData(smtp: RawClient, octets: Buffer): Promise<string> {
  assert.match(await smtp.say("MAIL FROM:<a@sender.test> BODY=8BITMIME"), /^250/);
  assert.match(await smtp.say(`RCPT TO:<${server.login("smtp")}>`), /^250/);
  assert.match(await smtp.say("DATA"), /^354/);
  smtp.write(Buffer.from(octets.toString("latin1").replace(/^\./gm, ".."), "latin1"));
  smtp.write(".\r\n");
  return smtp.reply();
}

async function comparePop3(want: readonly Buffer[]): Promise<void> {
  const pop = await RawClient.tls(server.ports.pop3s, { ca });
  await pop.until(/^\+OK.*\r\n/);
  pop.write(`USER ${server.login("smtp")}\r\n`);
  await pop.until(/^\+OK.*\r\n/);
  pop.write(`PASS ${server.password("smtp")}\r\n`);
  await pop.until(/^\+OK.*\r\n/);
  for (const [i, octets] of want.entries()) {
    pop.write(`RETR ${i + 1}\r\n`);
    await pop.until(/^\+OK.*\r\n/);
    const text = octets.toString("latin1").replace(/(^|\r\n)\./g, "$1..");
    const got = await pop.until(new RegExp(`^[\\s\\S]{${text.length}}`));
    assert.ok(got === text, `message ${i + 1} differs over POP3`);
    await pop.until(/^(\r\n)?\.\r\n/);
  }
  pop.destroy();
}

test("IMAP APPEND in, IMAP out: also bare CR and LF", { timeout: 110_000 }, async () => {
  const client = await imapLogin("imap");
  const kept: typeof corpus = [];
  for (const message of corpus) {
    client.write(`a APPEND INBOX {${message.octets.length}}\r\n`);
    if (!(await client.until(/^(\+|a (NO|BAD)).*\r\n/m)).startsWith("+")) continue;
    client.write(message.octets);
    client.write("\r\n");
    const answer = await client.until(/^a (OK|NO|BAD).*\r\n/m);
    if (answer.includes("a OK")) kept.push(message);
    else assert.ok(message.octets.includes(0), `${message.name}: ${answer}`);
  }
  client.destroy();
  const got = await fetchAll("imap", kept.length);
  for (const [i, { name, octets }] of kept.entries()) assert.ok(got[i]?.equals(octets), name);
  console.log(`${kept.length} of ${corpus.length} appended and read back unchanged; the rest hold NUL`);
});
