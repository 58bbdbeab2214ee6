import type { Log } from "../base/log.ts";
import type { Identity } from "../sasl/exchange.ts";

export type SessionEnd =
  | "ended"
  | "closed"
  | "timeout"
  | "shutdown"
  | "refused"
  | "early-data"
  | "tls-failed";

export const sessionOpened = (log: Log, remote: string, tls: boolean): void =>
  log.write("debug", "pop3.connect", { remote, tls });

export const loggedIn = (log: Log, { login, credential }: Identity): void =>
  log.write("info", "pop3.login", { login, credential });

export const sessionClosed = (log: Log, remote: string, end: SessionEnd): void =>
  log.write("debug", "pop3.disconnect", { remote, end });

/** Octets before the TLS handshake: somebody in between tries to put words in the client's mouth (T-33). */
export const injectionRefused = (log: Log, remote: string): void =>
  log.write("warn", "pop3.stls-injection", { remote });

/** A thrown error is a bug or a broken store; the client gets the session's id as its reference. */
export const commandFailed = (log: Log, error: unknown): void =>
  log.write("error", "pop3.command-failed", {
    error: String(error),
    stack: error instanceof Error ? (error.stack ?? "") : "",
  });
