import type { AccountId, MailboxId, ModSeq } from "../../base/mail-ids.ts";
import type { SegmentWriter } from "../blobs/segment-writer.ts";
import type { MessageFate } from "../fate.ts";
import type { MailboxChange, MailRefusal } from "../store.ts";
import type { Database } from "./database.ts";
import type { Ledger } from "./ledger.ts";

/** What a write works with: the open transaction, the tail of the segments, the time, and whom to tell afterwards. */
export type Transaction = {
  readonly db: Database;
  readonly segments: SegmentWriter;
  readonly ledger: Ledger;
  readonly now_ms: number;
  readonly changes: Map<MailboxId, MailboxChange>;
  /** Of this operation. */
  readonly fates: MessageFate[];
};

/** Thrown where a write finds out in the middle that it must not be: its savepoint is rolled back, the caller gets the value. */
export class RollBack extends Error {
  readonly refusal: MailRefusal;

  constructor(refusal: MailRefusal) {
    super(refusal);
    this.refusal = refusal;
  }
}

/** The next modseq of an account. RFC 7162 §3.1: grows with every change. */
export function nextModSeq(tx: Transaction, account: AccountId): ModSeq {
  const row = tx.db.one<{ mod_seq: ModSeq }>(
    "UPDATE account SET mod_seq = mod_seq + 1 WHERE id = ? RETURNING mod_seq",
    account,
  );
  if (row === undefined) throw new Error(`no account ${account}`);
  return row.mod_seq;
}

/** Remembers that views of a mailbox have something new to see once this is committed. */
export function changed(tx: Transaction, account: AccountId, mailbox: MailboxId, modSeq: ModSeq): void {
  tx.changes.set(mailbox, { account, mailbox, modSeq });
}
