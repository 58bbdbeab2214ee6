/** What honest people do meanwhile: log in, and send mail from elsewhere. */
import { setTimeout as pause } from "node:timers/promises";
import { RawClient } from "../e2e/raw-client.ts";
import type { TestServer } from "../e2e/server.ts";

export type Measured = { readonly times_ms: readonly number[]; readonly failures: readonly string[] };

/** Runs `work` again and again until the time is over, one at a time. */
export async function measure(
  work: (n: number) => Promise<void>,
  until_ms: number,
  pause_ms: number,
): Promise<Measured> {
  const times_ms: number[] = [];
  const failures: string[] = [];
  for (let n = 0; performance.now() < until_ms; n++) {
    const begin = performance.now();
    try {
      await work(n);
      times_ms.push(performance.now() - begin);
    } catch (error) {
      failures.push(error instanceof Error ? error.message.slice(0, 200) : String(error));
    }
    await pause(pause_ms);
  }
  return { times_ms, failures };
}

/** The share'th of the sorted times, rounded. */
export function quantile(times_ms: readonly number[], share: number): number | null {
  const sorted = times_ms.toSorted((a, b) => a - b);
  const found = sorted[Math.floor((sorted.length - 1) * share)];
  return found === undefined ? null : Math.round(found);
}

/** From TCP to `OK`, as from the address `client`. */
export async function logIn(
  server: TestServer,
  ca: string,
  proxy: string,
  client: string,
  user: string,
): Promise<void> {
  const { imaps } = server.ports;
  const imap = await RawClient.plain(imaps, "127.0.0.1", proxy);
  try {
    imap.write(`PROXY TCP4 ${client} 127.0.0.1 40000 ${imaps}\r\n`);
    await imap.upgrade({ ca });
    await imap.until(/^\* OK.*\r\n/);
    imap.write(`a LOGIN ${server.login(user)} "${server.password(user)}"\r\n`);
    const answer = await imap.until(/^a .*\r\n/m);
    if (!/^a OK/m.test(answer)) throw new Error(answer.trim());
  } finally {
    imap.destroy();
  }
}

/** One message from the mail server at `client`, accepted. */
export async function sendMail(server: TestServer, proxy: string, client: string, n: number): Promise<void> {
  const { smtp } = server.ports;
  const session = await RawClient.plain(smtp, "127.0.0.1", proxy);
  try {
    session.write(`PROXY TCP4 ${client} 127.0.0.1 40000 ${smtp}\r\n`);
    want("220", await session.reply());
    want("250", await session.say("EHLO mx.sender.test"));
    want("250", await session.say("MAIL FROM:<anna@sender.test>"));
    want("250", await session.say(`RCPT TO:<${server.login()}>`));
    want("354", await session.say("DATA"));
    const head = `From: Anna <anna@sender.test>\r\nTo: <${server.login()}>\r\nDate: ${new Date().toUTCString()}\r\n`;
    session.write(`${head}Message-ID: <flood-${n}@sender.test>\r\nSubject: ${n}\r\n\r\nHello.\r\n.\r\n`);
    want("250", await session.reply());
    session.write("QUIT\r\n");
  } finally {
    session.destroy();
  }
}

function want(code: string, reply: string): void {
  const last = reply.trim().split("\n").at(-1) ?? "";
  if (!last.startsWith(code)) throw new Error(last);
}
