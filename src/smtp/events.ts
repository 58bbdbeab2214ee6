import { printable } from "../base/ascii.ts";
import type { Log } from "../base/log.ts";
import type { SmtpSessionFacts } from "./backend.ts";
import type { Reply } from "./reply.ts";

export const sessionOpened = (log: Log, { remote, profile }: SmtpSessionFacts): void =>
  log.write("debug", "smtp.connect", { peer: remote.address.text, port: remote.port, profile });

export const sessionClosed = (log: Log, messages: number): void =>
  log.write("debug", "smtp.disconnect", { messages });

/** A refusal as the client saw it, with the reason constant that only we see. */
export const replyRefused = (log: Log, answer: Reply): void =>
  log.write("info", "smtp.refused", {
    code: answer.code,
    enhanced: answer.enhanced,
    reason: answer.reason,
    text: printable(answer.lines[0] ?? ""),
  });

/** The octets are the client's: what it said tells bots apart. */
export const earlyTalkSeen = (log: Log, octets: Buffer): void =>
  log.write("info", "smtp.early-talk", { octets: printable(octets.toString("latin1", 0, 100)) });

export const tlsStarted = (log: Log, protocol: string, cipher: string): void =>
  log.write("debug", "smtp.tls", { protocol, cipher });

export const tlsFailed = (log: Log, reason: string, detail: string): void =>
  log.write("info", "smtp.tls-failed", { reason, detail: printable(detail) });

/** A thrown error in a command is a bug; the client got 421 with the session's id. */
export const sessionFailed = (log: Log, error: unknown): void =>
  log.write("error", "smtp.session-failed", {
    error: printable(String(error)),
    stack: error instanceof Error ? printable(error.stack ?? "", 2000) : "",
  });
