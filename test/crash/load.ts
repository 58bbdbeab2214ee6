/** Load on the server from every side: receiving, submitting, moving, expunging. Stops when the server dies. */
import { randomUUID } from "node:crypto";
import { RawClient } from "../e2e/raw-client.ts";
import type { TestServer } from "../e2e/server.ts";
import type { Ledger, Seen } from "./ledger.ts";

export const MAILBOXES = ["INBOX", "Archive", "Trash"] as const;

const FILLER = "0123456789abcdefghijklmnopqrstuvwxyz ABCDEFGHIJKLMNOPQRSTUVWXYZ\r\n";
const message = (id: string, from: string, octets: number): string =>
  `From: <${from}>\r\nSubject: crash\r\nX-Crash-Id: ${id}\r\n\r\n${FILLER.repeat(Math.ceil(octets / FILLER.length))}`;

/** Messages of 1 to 20 KB, and now and then one that goes through a temporary file. */
const sizeOf = (n: number): number => (n % 40 === 39 ? 400_000 : 1000 + (n % 20) * 1000);

/** Runs `step` again and again until it throws (the server is gone). */
async function untilDead(step: (n: number) => Promise<void>): Promise<void> {
  for (let n = 0; ; n++) {
    try {
      await step(n);
    } catch {
      return;
    }
  }
}

export async function receive(server: TestServer, ledger: Ledger): Promise<void> {
  const client = await RawClient.plain(server.ports.smtp).catch(() => undefined);
  if (!client) return;
  await untilDead(async (n) => {
    if (n === 0) {
      await client.reply();
      await client.say("EHLO load.test");
    }
    const id = randomUUID();
    await client.say("MAIL FROM:<load@load.test>");
    await client.say(`RCPT TO:<${server.login("crash")}>`);
    await client.say("DATA");
    ledger.doubt(id);
    if ((await client.say(`${message(id, "load@load.test", sizeOf(n))}.`)).startsWith("250 "))
      ledger.expect(id, "present");
  });
  client.destroy();
}

/** Mail to elsewhere: what the server took must reach the sink at least once. */
export async function submit(server: TestServer, ca: string, accepted: Set<string>): Promise<void> {
  const client = await RawClient.tls(server.ports.submissions, { ca }).catch(() => undefined);
  if (!client) return;
  const token = Buffer.from(`\0${server.login("crash")}\0${server.password("crash")}`).toString("base64");
  await untilDead(async (n) => {
    if (n === 0) {
      await client.reply();
      await client.say("EHLO load.test");
      await client.say(`AUTH PLAIN ${token}`);
    }
    const id = randomUUID();
    await client.say(`MAIL FROM:<${server.login("crash")}>`);
    await client.say("RCPT TO:<someone@elsewhere.test>");
    await client.say("DATA");
    if ((await client.say(`${message(id, server.login("crash"), 2000)}.`)).startsWith("250 "))
      accepted.add(id);
  });
  client.destroy();
}

async function imap(server: TestServer, ca: string): Promise<RawClient> {
  const client = await RawClient.tls(server.ports.imaps, { ca });
  await client.until(/^\* OK.*\r\n/);
  await command(client, `LOGIN ${server.login("crash")} ${server.password("crash")}`);
  return client;
}

let tag = 0;
async function command(client: RawClient, text: string): Promise<string> {
  const name = `t${++tag}`;
  client.write(`${name} ${text}\r\n`);
  const answer = await client.until(new RegExp(`^${name} (OK|NO|BAD).*\\r\\n`, "m"), 60_000);
  if (!answer.includes(`${name} OK`)) throw new Error(answer.slice(-200));
  return answer;
}

/** Moves messages back and forth; each must be in exactly one mailbox whatever happens. */
export async function shuffle(server: TestServer, ca: string): Promise<void> {
  const client = await imap(server, ca).catch(() => undefined);
  if (!client) return;
  await untilDead(async (n) => {
    const [from, to] = n % 2 ? (["Archive", "INBOX"] as const) : (["INBOX", "Archive"] as const);
    await command(client, `SELECT ${from}`);
    await command(client, `MOVE 1:5 ${to}`).catch((error: unknown) => {
      if (client.closed) throw error;
    });
  });
  client.destroy();
}

/**
 * Deletes single messages; what was expunged with OK must not come back. They go to a mailbox that nobody else touches
 * first: in INBOX an EXPUNGE response may as well mean that the other client has moved the message away.
 */
export async function expunge(server: TestServer, ca: string, ledger: Ledger): Promise<void> {
  const client = await imap(server, ca).catch(() => undefined);
  if (!client) return;
  const first = async (mailbox: string): Promise<Seen | undefined> => {
    await command(client, `SELECT ${mailbox}`);
    const answer = await command(client, "UID FETCH 1:* (UID BODY.PEEK[HEADER.FIELDS (X-Crash-Id)])");
    return parseFetch(answer, mailbox, 0)[0];
  };
  await untilDead(async () => {
    const found = await first("INBOX");
    if (found) await command(client, `UID MOVE ${found.uid} Trash`);
    const doomed = await first("Trash");
    if (!doomed) return;
    await command(client, `UID STORE ${doomed.uid} +FLAGS.SILENT (\\Deleted)`);
    ledger.doubt(doomed.id);
    await command(client, `UID EXPUNGE ${doomed.uid}`);
    ledger.expect(doomed.id, "absent");
  });
  client.destroy();
}

/** Everything in all mailboxes. */
export async function census(server: TestServer, ca: string): Promise<Seen[]> {
  const client = await imap(server, ca);
  const seen: Seen[] = [];
  for (const mailbox of MAILBOXES) {
    const selected = await command(client, `SELECT ${mailbox}`);
    const uidValidity = Number(/UIDVALIDITY (\d+)/.exec(selected)?.[1] ?? 0);
    if (/\* 0 EXISTS/.test(selected)) continue;
    const answer = await command(client, "UID FETCH 1:* (UID BODY.PEEK[HEADER.FIELDS (X-Crash-Id)])");
    seen.push(...parseFetch(answer, mailbox, uidValidity));
  }
  client.destroy();
  return seen;
}

/** Removes everything in peace. */
export async function empty(server: TestServer, ca: string): Promise<void> {
  const client = await imap(server, ca);
  for (const mailbox of MAILBOXES) {
    if (/\* 0 EXISTS/.test(await command(client, `SELECT ${mailbox}`))) continue;
    await command(client, "STORE 1:* +FLAGS.SILENT (\\Deleted)");
    await command(client, "EXPUNGE");
  }
  client.destroy();
}

function parseFetch(answer: string, mailbox: string, uidValidity: number): Seen[] {
  return [...answer.matchAll(/FETCH \([^\r]*?UID (\d+)[^\r]*\r\nX-Crash-Id: (\S+)/gi)].map((match) => ({
    id: match[2] ?? "",
    mailbox,
    uidValidity,
    uid: Number(match[1]),
  }));
}
