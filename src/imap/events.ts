import { printable } from "../base/ascii.ts";
import type { Log } from "../base/log.ts";
import type { ImapSessionFacts } from "./backend.ts";

export const sessionOpened = (log: Log, { remote, tls }: ImapSessionFacts): void =>
  log.write("debug", "imap.connect", { client: remote.address.text, tls: tls?.protocol });

export const sessionClosed = (log: Log, login: string | undefined, commands: number, reason: string): void =>
  log.write("debug", "imap.disconnect", { login, commands, reason });

export const loginRefused = (log: Log, reason: string): void =>
  log.write("debug", "imap.login-refused", { reason });

/** A thrown error in a command is a bug or a broken store; it costs the session. */
export const commandFailed = (log: Log, name: string, error: unknown): void =>
  log.write("error", "imap.command-failed", {
    command: name,
    error: String(error),
    stack: error instanceof Error ? printable(error.stack ?? "", 2000) : "",
  });
