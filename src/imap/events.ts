import { printable } from "../base/ascii.ts";
import type { Log } from "../base/log.ts";
import type { Identity } from "../sasl/exchange.ts";
import type { ImapSessionFacts } from "./backend.ts";

export const sessionOpened = (log: Log, { remote, tls }: ImapSessionFacts): void =>
  log.write("debug", "imap.connect", { client: remote.address.text, tls: tls?.protocol });

export const sessionClosed = (log: Log, login: string | undefined, commands: number, reason: string): void =>
  log.write("debug", "imap.disconnect", { login, commands, reason });

export const loginRefused = (log: Log, reason: string): void =>
  log.write("debug", "imap.login-refused", { reason });

export const loggedIn = (log: Log, { login, credential }: Identity): void =>
  log.write("info", "imap.login", { login, credential });

/** Octets before the TLS handshake: somebody in between tries to put words in the client's mouth (T-33). */
export const injectionRefused = (log: Log, { remote }: ImapSessionFacts): void =>
  log.write("warn", "imap.starttls-injection", { client: remote.address.text });

/** A large body could not be read to its end; the connection is cut. */
export const responseBroken = (log: Log, error: unknown): void =>
  log.write("error", "imap.response-broken", { error: String(error) });

/** A thrown error in a command is a bug or a broken store; the client gets the session's id as its reference. */
export const commandFailed = (log: Log, name: string, error: unknown): void =>
  log.write("error", "imap.command-failed", {
    command: name,
    error: String(error),
    stack: error instanceof Error ? printable(error.stack ?? "", 2000) : "",
  });
