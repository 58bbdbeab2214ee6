/** What a person's mail programs do, in a few calls: send with a login, look into a mailbox, wait for a message. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { RawClient } from "./raw-client.ts";
import type { TestServer } from "./server.ts";

const ARRIVAL_MS = 40_000;
const LOOK_MS = 200;

export type Letter = { readonly uid: number; readonly text: string };

/** A message with the fields every program writes; `more` stands above them. */
export const letter = (from: string, to: string, subject: string, more = ""): string =>
  `${more}From: <${from}>\r\nTo: <${to}>\r\nSubject: ${subject}\r\nDate: Tue, 24 Nov 2026 10:00:00 +0000\r\nMessage-ID: <${subject}@program.test>\r\n\r\nHello.\r\n`;

/** A logged-in session for sending, over TLS. */
export async function submissionOf(server: TestServer, user = "you"): Promise<RawClient> {
  const client = await tls(server, server.ports.submissions);
  await client.reply();
  await client.say("EHLO program.test");
  const token = Buffer.from(`\0${server.login(user)}\0${server.password(user)}`).toString("base64");
  assert.match(await client.say(`AUTH PLAIN ${token}`), /^235 /);
  return client;
}

/** Hands one message over; the last reply, which is the refusal where one command was refused. */
export async function transact(
  client: RawClient,
  from: string,
  recipients: readonly string[],
  message: string,
): Promise<string> {
  const commands = [`MAIL FROM:<${from}>`, ...recipients.map((to) => `RCPT TO:<${to}>`), "DATA"];
  for (const command of commands) {
    const reply = await client.say(command);
    if (!/^[23]/.test(reply)) return reply;
  }
  return client.say(`${message}.`);
}

/** Sends as a user of the server, who must succeed. */
export async function submit(server: TestServer, user: string, to: string, message: string): Promise<void> {
  const client = await submissionOf(server, user);
  assert.match(await transact(client, server.login(user), [to], message), /^250 2\.0\.0 /);
  client.destroy();
}

/** A session at port 25, after EHLO. */
export async function strangerAt(server: TestServer): Promise<RawClient> {
  const client = await RawClient.plain(server.ports.smtp, server.host);
  await client.reply();
  await client.say("EHLO stranger.test");
  return client;
}

/** All messages of a mailbox, in the order of their uids. */
export async function lettersOf(server: TestServer, user = "you", mailbox = "INBOX"): Promise<Letter[]> {
  const client = await tls(server, server.ports.imaps);
  await client.until(/^\* OK.*\r\n/);
  client.write(
    `l LOGIN ${server.login(user)} ${server.password(user)}\r\ns SELECT ${mailbox}\r\nf UID FETCH 1:* BODY.PEEK[]\r\n`,
  );
  const letters: Letter[] = [];
  await client.until(/^s OK.*\r\n/m);
  for (;;) {
    const head = await client.until(/^(\* \d+ FETCH \(.*BODY\[\] \{\d+\}|f (OK|NO|BAD).*|\* .*)\r\n/);
    if (head.startsWith("f ")) break;
    const length = /BODY\[\] \{(\d+)\}\r\n$/.exec(head)?.[1];
    if (length === undefined) continue;
    const text = await client.until(new RegExp(`^[\\s\\S]{${length}}`));
    const tail = await client.until(/^.*\)\r\n/);
    letters.push({ uid: Number(/UID (\d+)/.exec(head + tail)?.[1]), text });
  }
  client.destroy();
  return letters;
}

/** The first message that matches, as soon as it is there. */
export async function arrival(
  server: TestServer,
  user: string,
  pattern: RegExp,
  mailbox = "INBOX",
): Promise<string> {
  const end = Date.now() + ARRIVAL_MS;
  for (;;) {
    const letters = await lettersOf(server, user, mailbox);
    const found = letters.find(({ text }) => pattern.test(text));
    if (found) return found.text;
    if (Date.now() > end)
      assert.fail(`no ${String(pattern)} among ${letters.length} messages of ${server.login(user)}`);
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
  }
}

const tls = (server: TestServer, port: number): Promise<RawClient> =>
  RawClient.tls(port, { ca: readFileSync(server.authorityFile, "utf8"), host: server.host });
