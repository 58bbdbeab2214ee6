import type { Log } from "../base/log.ts";
import type { ExpiringMailbox } from "../store/retention.ts";

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

/** Their time in the mailbox was over. */
export const messagesExpired = (
  log: Log,
  { account, id, keepDays }: ExpiringMailbox,
  messages: number,
): void => log.write("info", "mailbox.expired", { account, mailbox: id, days: keepDays, messages });

/** Nothing is removed by a clock that may be wrong. */
export const clockDoubted = (log: Log, now_ms: number, believed_ms: number, until_ms: number): void =>
  log.write("warn", "expiry.clock-doubted", {
    clock: new Date(now_ms).toISOString(),
    before: new Date(believed_ms).toISOString(),
    waitsUntil: new Date(until_ms).toISOString(),
  });
