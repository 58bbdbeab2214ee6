/** Conversations of the attack: short words for what every case says first. */
import { err, ok, type Result } from "../../base/result.ts";
import type { Reply } from "../../smtp/reply.ts";
import type { HostTarget, Net, Visit } from "../probe.ts";
import { BEST } from "../probes/offers.ts";
import { greet, heloOf, isImplicit, openTls, textOf } from "../probes/open-tls.ts";
import { ATTACK_LIMITS } from "./limits.ts";
import { lost, type AttackAccount, type Outcome } from "./contract.ts";

type Work = (visit: Visit) => Promise<Outcome>;

/** A connection without TLS, before anything was said. */
export async function bare({ host, net }: { host: HostTarget; net: Net }, work: Work): Promise<Outcome> {
  const connected = await net.connect(host);
  if (!connected.ok) return lost(connected.error);
  using visit = connected.value;
  return await work(visit);
}

/** A connection as far as its service goes by itself: TLS from the first octet, or none. */
export async function open(at: { host: HostTarget; net: Net }, work: Work): Promise<Outcome> {
  return isImplicit(at.host.service) ? secured(at, work) : bare(at, work);
}

/** Inside TLS, however the service begins it. */
export async function secured({ host, net }: { host: HostTarget; net: Net }, work: Work): Promise<Outcome> {
  let outcome: Outcome | undefined;
  const opened = await openTls(host, net, BEST, async (_, visit) => {
    outcome = await work(visit);
  });
  if (outcome !== undefined) return outcome;
  if (opened.ok) return lost("no answer");
  return lost(opened.error.at === "handshake" ? opened.error.failure.detail : opened.error.reason);
}

/** SMTP after EHLO, on port 25 without TLS. */
export const smtp = (at: { host: HostTarget; net: Net }, work: Work): Promise<Outcome> =>
  bare(at, async (visit) => {
    const greeted = await greet(visit, at.net);
    return greeted.ok ? work(visit) : lost(greeted.error);
  });

/** Submission inside TLS after EHLO, not logged in. */
export const submission = (at: { host: HostTarget; net: Net }, work: Work): Promise<Outcome> =>
  secured(at, async (visit) => {
    const greeted = isImplicit(at.host.service)
      ? await greet(visit, at.net)
      : await visit.say(`EHLO ${heloOf(visit, at.net)}`);
    return greeted.ok ? work(visit) : lost(greeted.error);
  });

export const plainResponse = ({ login, password }: AttackAccount): string =>
  Buffer.from(`\0${login}\0${password.reveal()}`).toString("base64");

/** … and logged in. */
export const submitting = (
  at: { host: HostTarget; net: Net; account: AttackAccount },
  work: Work,
): Promise<Outcome> =>
  submission(at, async (visit) => {
    const answer = await visit.say(`AUTH PLAIN ${plainResponse(at.account)}`);
    if (!answer.ok || answer.value.code !== 235) return lost(`the login failed: ${shownReply(answer)}`);
    return work(visit);
  });

export const shownReply = (answer: Result<Reply, string>): string =>
  answer.ok ? textOf(answer.value) : answer.error;

/** 0 where the server hung up or said nothing. */
export const codeOf = (answer: Result<Reply, string>): number => (answer.ok ? answer.value.code : 0);

/** Up to the 354 of DATA for one recipient; the text says who stood in the way. */
export async function toData(visit: Visit, from: string, to: string): Promise<string | undefined> {
  for (const line of [`MAIL FROM:<${from}>`, `RCPT TO:<${to}>`, "DATA"]) {
    const answer = await visit.say(line);
    if (codeOf(answer) === 0 || codeOf(answer) >= 400) return `${line.slice(0, 4)}: ${shownReply(answer)}`;
  }
  return undefined;
}

/** Up to the first recipient, for what goes on with BDAT. */
export async function toRcpt(visit: Visit, from: string, to: string): Promise<string | undefined> {
  for (const line of [`MAIL FROM:<${from}>`, `RCPT TO:<${to}>`]) {
    const answer = await visit.say(line);
    if (codeOf(answer) === 0 || codeOf(answer) >= 400) return `${line.slice(0, 4)}: ${shownReply(answer)}`;
  }
  return undefined;
}

/** Whole lines among what has come. */
export const linesIn = (input: Buffer): readonly string[] => {
  const lines = input.toString("latin1").split(/\r?\n/);
  return lines.slice(0, -1);
};

/** Sends octets, and gives the lines that come until the server is silent or gone. */
export async function linesAfter(
  visit: Visit,
  octets: string | Buffer,
  wait_ms: number = ATTACK_LIMITS.silence_ms,
): Promise<{ readonly lines: readonly string[]; readonly closed: boolean }> {
  const sent = typeof octets === "string" ? Buffer.from(octets, "latin1") : octets;
  const { input, end } = await visit.exchange(sent, () => false, wait_ms);
  return { lines: linesIn(input), closed: end === "closed" };
}

/** Sends octets, and gives the lines until one that fits has come; undefined last where none does. */
export async function linesUntil(
  visit: Visit,
  octets: string | Buffer,
  last: RegExp,
): Promise<{ readonly lines: readonly string[]; readonly closed: boolean; readonly found: boolean }> {
  const sent = typeof octets === "string" ? Buffer.from(octets, "latin1") : octets;
  const { input, end } = await visit.exchange(sent, (so) => last.test(tailOf(so)));
  return { lines: linesIn(input), closed: end === "closed", found: end === "enough" };
}

/** Tagged and last lines stand at the end; a long answer is not searched again with each packet. */
const tailOf = (input: Buffer): string => input.subarray(-8192).toString("latin1");

/** IMAP inside TLS after the greeting, with a server that answers: only then is it an answer that it hangs up. */
export const imap = (
  at: { host: HostTarget; net: Net },
  work: (imap: Imap) => Promise<Outcome>,
): Promise<Outcome> =>
  secured(at, async (visit) => {
    if (isImplicit(at.host.service)) {
      const greeting = await visit.line();
      if (!greeting.ok) return lost(greeting.error);
    }
    const session = new Imap(visit);
    const answer = await session.do("NOOP");
    return answer.status === "OK" ? work(session) : lost(answer.text);
  });

/** … and logged in. */
export const imapLoggedIn = (
  at: { host: HostTarget; net: Net; account: AttackAccount },
  work: (imap: Imap) => Promise<Outcome>,
): Promise<Outcome> =>
  imap(at, async (session) => {
    const { login, password } = at.account;
    const answer = await session.do(`LOGIN ${quoted(login)} ${quoted(password.reveal())}`);
    return answer.status === "OK" ? work(session) : lost(`the login failed: ${answer.text}`);
  });

export const quoted = (text: string): string => `"${text.replace(/["\\]/g, "\\$&")}"`;

export type ImapAnswer = {
  /** `gone`: the server hung up or said BYE; `mute`: it said nothing that ends the command. */
  readonly status: "OK" | "NO" | "BAD" | "gone" | "mute";
  readonly text: string;
  readonly lines: readonly string[];
};

/** Commands and their tagged answers. */
export class Imap {
  readonly visit: Visit;
  #count = 0;

  constructor(visit: Visit) {
    this.visit = visit;
  }

  do(command: string): Promise<ImapAnswer> {
    const tag = `k${++this.#count}`;
    this.visit.write(`${tag} ${command}`);
    return this.answer(tag);
  }

  nextTag(): string {
    return `k${++this.#count}`;
  }

  /** Lines up to the tagged one. Literals are lines here like any other: a mailbox of our own says nothing evil. */
  async answer(tag: string): Promise<ImapAnswer> {
    const lines: string[] = [];
    for (;;) {
      const line = await this.visit.line();
      if (!line.ok)
        return { status: line.error.includes("closed") ? "gone" : "mute", text: line.error, lines };
      const [, who = "", status = ""] = /^(\S+) (OK|NO|BAD|BYE)\b/i.exec(line.value) ?? [];
      const isMine = who === tag || (who === "*" && status.toUpperCase() === "BAD");
      if (isMine && status !== "") {
        return { status: status.toUpperCase() as "OK" | "NO" | "BAD", text: line.value, lines };
      }
      if (who === "*" && status.toUpperCase() === "BYE") return { status: "gone", text: line.value, lines };
      lines.push(line.value);
    }
  }
}

/** POP3 inside TLS after the greeting, with a server that answers. */
export const pop3 = (
  at: { host: HostTarget; net: Net },
  work: (visit: Visit) => Promise<Outcome>,
): Promise<Outcome> =>
  secured(at, async (visit) => {
    if (isImplicit(at.host.service)) {
      const greeting = await visit.line();
      if (!greeting.ok) return lost(greeting.error);
    }
    const { lines, found } = await linesUntil(visit, "CAPA\r\n", /(?:^|\n)(?:\.|-ERR.*)\r?\n$/);
    if (!found) return lost(lines.at(-1) ?? "no answer");
    // `exchange` leaves what it has read: it is read away here.
    for (let read = 0; read < lines.length; read++) await visit.line();
    return work(visit);
  });

/** One line out, one line in. */
export async function lineFor(visit: Visit, line: string): Promise<Result<string, string>> {
  visit.write(line);
  const answer = await visit.line();
  return answer.ok ? ok(answer.value) : err(answer.error);
}
