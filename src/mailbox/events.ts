import type { Log } from "../base/log.ts";

export const tooManySessions = (log: Log, protocol: string, session: string, remote: string): void =>
  log.write("warn", "mailbox.too-many-sessions", { protocol, session, remote });

export const pollFailed = (log: Log, error: unknown): void =>
  log.write("error", "mailbox.poll-failed", { error: String(error) });

/** A blob behind a row is missing: the store is damaged, or the message went while it was read. */
export const octetsMissing = (log: Log, mailbox: number, uid: number): void =>
  log.write("warn", "mailbox.octets-missing", { mailbox, uid });

/** What POP3 fetched stays unread for IMAP. */
export const seenNotKept = (log: Log, mailbox: number, error: unknown): void =>
  log.write("warn", "mailbox.seen-not-kept", { mailbox, error: String(error) });

export const searchStopped = (log: Log, mailbox: number, messages: number, duration_ms: number): void =>
  log.write("warn", "mailbox.search-stopped", { mailbox, messages, duration_ms });
