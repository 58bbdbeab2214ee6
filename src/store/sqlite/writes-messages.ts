import type { MailboxId, ModSeq, Uid } from "../../base/mail-ids.ts";
import type { CopiedUids, MailResult } from "../store.ts";
import { EXPIRED, forgetOrigin, moveEvents, noteFates, REMOVED } from "./fates.ts";
import { addReferences, dropReference, type BlobNumber } from "./blob-rows.ts";
import {
  checkUid,
  emptyTally,
  hasRoom,
  mailboxFacts,
  settleMailbox,
  tally,
  type MailboxFacts,
} from "./mailbox-rows.ts";
import { bury, flagsFrom, insertMessage, keywordsText } from "./message-rows.ts";
import type { CopyInput, Input } from "./operations.ts";
import { nextModSeq, RollBack, type Transaction } from "./transaction.ts";

type FullRow = {
  readonly uid: Uid;
  readonly mod_seq: ModSeq;
  readonly appeared: number;
  readonly system_flags: number;
  readonly keywords: string | null;
  readonly internal_date_ms: number;
  readonly saved_ms: number;
  readonly size_octets: number;
  readonly email_id: number;
  readonly thread_id: number;
  readonly blob: BlobNumber;
  readonly origin: string | null;
  readonly fates: number;
};

/** Copies get new uids in the order of the old ones; flags, date and identity stay. RFC 9051 §6.4.7 */
export function copy(tx: Transaction, input: CopyInput): MailResult<CopiedUids> {
  const ends = endsOf(tx, input);
  if (ends === undefined) return { ok: false, error: "no-mailbox" };
  const rows = rowsOf(tx, input.from, ascending(input.uids));
  checkRoom(tx, ends.to, rows);
  const copied = copyRows(tx, ends, rows);
  for (const row of rows) if (row.origin !== null) forgetOrigin(tx, input.from, row.uid);
  return { ok: true, value: copied };
}

/** Copy and remove as one. RFC 6851 §3.3 */
export function move(tx: Transaction, input: CopyInput): MailResult<CopiedUids> {
  const ends = endsOf(tx, input);
  if (ends === undefined) return { ok: false, error: "no-mailbox" };
  const rows = rowsOf(tx, input.from, ascending(input.uids));
  return { ok: true, value: moveRows(tx, ends, rows) };
}

/** All messages of one mailbox into another, as renaming INBOX asks. RFC 9051 §6.3.6 */
export function moveAll(tx: Transaction, from: MailboxFacts, to: MailboxFacts): void {
  const rows = tx.db.all<FullRow>("SELECT * FROM message WHERE mailbox_id = ? ORDER BY uid", from.id);
  moveRows(tx, { from, to }, rows);
}

/** RFC 9051 §6.4.3, RFC 4315 §2.1 */
export function expunge(
  tx: Transaction,
  { mailbox: id, uids }: Input<"expunge">,
): MailResult<readonly Uid[]> {
  const mailbox = mailboxFacts(tx, id);
  if (mailbox === undefined) return { ok: false, error: "no-mailbox" };
  const marked =
    uids === undefined
      ? tx.db.all<FullRow>(
          "SELECT * FROM message WHERE mailbox_id = ? AND (system_flags & 8) <> 0 ORDER BY uid",
          id,
        )
      : rowsOf(tx, id, ascending(uids)).filter((row) => (row.system_flags & 8) !== 0);
  return { ok: true, value: removeRows(tx, mailbox, marked, REMOVED) };
}

export function remove(tx: Transaction, { mailbox: id, uids }: Input<"remove">): MailResult<readonly Uid[]> {
  const mailbox = mailboxFacts(tx, id);
  if (mailbox === undefined) return { ok: false, error: "no-mailbox" };
  return { ok: true, value: removeRows(tx, mailbox, rowsOf(tx, id, ascending(uids)), REMOVED) };
}

const DAY_MS = 86_400_000;

/** Rule and hold are read here again: another process may have changed them since somebody looked. */
export function expire(tx: Transaction, { mailbox: id, uids, now_ms }: Input<"expire">): readonly Uid[] {
  const mailbox = mailboxFacts(tx, id);
  if (mailbox === undefined) return [];
  const rule = tx.db.one<{ keepDays: number }>(
    `SELECT m.keep_days AS keepDays FROM mailbox m JOIN account a ON a.id = m.account_id
     WHERE m.id = ? AND m.keep_days > 0 AND a.legal_hold = 0`,
    id,
  );
  if (rule === undefined) return [];
  const until_ms = now_ms - rule.keepDays * DAY_MS;
  const due = rowsOf(tx, id, ascending(uids)).filter(({ saved_ms }) => saved_ms <= until_ms);
  return removeRows(tx, mailbox, due, EXPIRED);
}

type Ends = { readonly from: MailboxFacts; readonly to: MailboxFacts };

function endsOf(tx: Transaction, input: CopyInput): Ends | undefined {
  const from = mailboxFacts(tx, input.from);
  const to = mailboxFacts(tx, input.to);
  return from && to && { from, to };
}

const ascending = (uids: Uint32Array): Uint32Array => new Uint32Array(new Set(uids.toSorted()));

function rowsOf({ db }: Transaction, mailbox: MailboxId, uids: Uint32Array): FullRow[] {
  const rows: FullRow[] = [];
  for (const uid of uids) {
    const row = db.one<FullRow>("SELECT * FROM message WHERE mailbox_id = ? AND uid = ?", mailbox, uid);
    if (row !== undefined) rows.push(row);
  }
  return rows;
}

function moveRows(tx: Transaction, ends: Ends, rows: readonly FullRow[]): CopiedUids {
  // Within an account a move takes no room; someone over quota must still be able to tidy up.
  if (ends.from.account !== ends.to.account) checkRoom(tx, ends.to, rows);
  const copied = copyRows(tx, ends, rows);
  takeOut(tx, ends.from, rows);
  for (const row of rows) dropReference(tx, row.blob);
  return copied;
}

function copyRows(tx: Transaction, { from, to }: Ends, rows: readonly FullRow[]): CopiedUids {
  const target: Uid[] = [];
  const sum = emptyTally();
  const modSeq = rows.length > 0 ? nextModSeq(tx, to.account) : undefined;
  const events = moveEvents(from, to);
  for (const row of rows) {
    if (modSeq === undefined) break;
    const uid = checkUid(to.uidNext + target.length);
    // Ids are an account's own; in another account the message is a new one.
    const ids =
      from.account === to.account
        ? {
            emailId: row.email_id,
            threadId: row.thread_id,
            origin: row.origin,
            fates: noteFates(tx, to.account, row, events),
          }
        : freshIds(tx, to);
    insertMessage(tx, {
      mailbox: to.id,
      uid,
      modSeq,
      systemFlags: row.system_flags,
      keywords: keywordsText(tx, to.id, flagsFrom(0, row.keywords).keywords),
      internalDate_ms: row.internal_date_ms,
      size_octets: row.size_octets,
      ...ids,
      blob: row.blob,
    });
    addReferences(tx, row.blob);
    tally(sum, 1, row.system_flags, row.size_octets);
    target.push(uid);
  }
  if (modSeq !== undefined) settleMailbox(tx, to, sum, modSeq, to.uidNext + target.length);
  return { uidValidity: to.uidValidity, source: rows.map((row) => row.uid), target };
}

function freshIds(tx: Transaction, to: MailboxFacts): { emailId: number; threadId: number } {
  const id = nextModSeq(tx, to.account);
  return { emailId: id, threadId: id };
}

function checkRoom(tx: Transaction, to: MailboxFacts, rows: readonly FullRow[]): void {
  const size = rows.reduce((sum, row) => sum + row.size_octets, 0);
  if (rows.length > 0 && !hasRoom(tx, to.account, size)) throw new RollBack("over-quota");
}

function removeRows(tx: Transaction, mailbox: MailboxFacts, rows: readonly FullRow[], event: number): Uid[] {
  takeOut(tx, mailbox, rows);
  for (const row of rows) {
    dropReference(tx, row.blob);
    noteFates(tx, mailbox.account, row, event);
  }
  return rows.map((row) => row.uid);
}

/** Rows out, tombstones in; what becomes of the bytes is the caller's affair. */
function takeOut(tx: Transaction, mailbox: MailboxFacts, rows: readonly FullRow[]): void {
  if (rows.length === 0) return;
  const modSeq = nextModSeq(tx, mailbox.account);
  const sum = emptyTally();
  for (const row of rows) {
    tx.db.run("DELETE FROM message WHERE mailbox_id = ? AND uid = ?", mailbox.id, row.uid);
    tally(sum, -1, row.system_flags, row.size_octets);
  }
  bury(tx, mailbox.id, rows, modSeq);
  settleMailbox(tx, mailbox, sum, modSeq);
}
