import type { AccountId, MailboxId, Uid } from "../base/mail-ids.ts";
import type { MailResult } from "./store.ts";

/** A mailbox that does not keep its messages for ever. */
export type ExpiringMailbox = {
  readonly id: MailboxId;
  readonly account: AccountId;
  readonly login: string;
  readonly name: string;
  readonly keepDays: number;
  /** Of its account: nothing expires. */
  readonly legalHold: boolean;
};

/** The setting that holds the last time (ms) the clock was believed. No message is noted as having come an hour before it, or earlier. */
export const TIME_BELIEVED = "time-believed";

export interface RetentionReads {
  /** By login and name. */
  expiringMailboxes(): Promise<readonly ExpiringMailbox[]>;
  /** Uids of messages that came to the mailbox at `at_ms` or before, whatever their own date, ascending; at most `limit`. RFC 8514 */
  savedUntil(mailbox: MailboxId, at_ms: number, limit: number): Promise<Uint32Array>;
  /** Grows with every change of a time to keep or a legal hold. */
  retentionVersion(): Promise<number>;
}

export interface RetentionWrites {
  /** Days a message stays after it came to the mailbox; 0: for ever. */
  keepFor(mailbox: MailboxId, days: number): Promise<MailResult>;
  /**
   * Removes those of `uids` that have been in the mailbox for its days at `now_ms`: none where it keeps for ever, or its
   * account is under legal hold, in this very commit. No reader has removed them.
   */
  expire(mailbox: MailboxId, uids: Uint32Array, now_ms: number): Promise<readonly Uid[]>;
}
