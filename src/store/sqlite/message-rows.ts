import type { MailboxId, ModSeq, Uid } from "../../base/mail-ids.ts";
import { TIME_BELIEVED } from "../retention.ts";
import { STORE_LIMITS, type Flags } from "../store.ts";
import type { BlobNumber } from "./blob-rows.ts";
import { RollBack, type Transaction } from "./transaction.ts";

/** Tombstones kept per mailbox; older views are told what is left instead. Cut back in steps, so rarely. */
const VANISHED_MAX = 20_000;
const VANISHED_STEP = 10_000;

export type NewRow = {
  readonly mailbox: MailboxId;
  readonly uid: Uid;
  readonly modSeq: ModSeq;
  readonly systemFlags: number;
  readonly keywords: string | null;
  readonly internalDate_ms: number;
  readonly size_octets: number;
  readonly emailId: number;
  readonly threadId: number;
  readonly blob: BlobNumber;
  /** See fates.ts. */
  readonly origin?: string | null;
  readonly fates?: number;
};

/** What comes while the clock is back in 1970 must not count as expired once it is set right. */
const SAVED_MS = `max(?, (SELECT coalesce(max(CAST(value AS INTEGER)), 0) - 3600000
  FROM setting WHERE name = '${TIME_BELIEVED}'))`;

export function insertMessage({ db, now_ms }: Transaction, row: NewRow): void {
  db.run(
    `INSERT INTO message (mailbox_id, uid, mod_seq, appeared, system_flags, keywords, internal_date_ms, saved_ms,
       size_octets, email_id, thread_id, blob, origin, fates) VALUES (?, ?, ?, ?, ?, ?, ?, ${SAVED_MS}, ?, ?, ?, ?, ?, ?)`,
    row.mailbox,
    row.uid,
    row.modSeq,
    row.modSeq,
    row.systemFlags,
    row.keywords,
    row.internalDate_ms,
    now_ms,
    row.size_octets,
    row.emailId,
    row.threadId,
    row.blob,
    row.origin ?? null,
    row.fates ?? 0,
  );
}

/** The keywords as a row keeps them: the mailbox's first spelling, sorted, without doubles; NULL for none. */
export function keywordsText(
  tx: Transaction,
  mailbox: MailboxId,
  keywords: readonly string[],
): string | null {
  const wanted = byFolding(keywords);
  if (wanted.size > STORE_LIMITS.keywordsPerMessage) throw new RollBack("keyword-limit");
  return textOf([...wanted].map(([folded, keyword]) => spelling(tx, mailbox, folded, keyword) ?? refuse()));
}

/** As `keywordsText`, without those that are too many. */
export function fittingKeywordsText(
  tx: Transaction,
  mailbox: MailboxId,
  keywords: readonly string[],
): string | null {
  const wanted = [...byFolding(keywords)].slice(0, STORE_LIMITS.keywordsPerMessage);
  return textOf(wanted.map(([folded, keyword]) => spelling(tx, mailbox, folded, keyword)).filter(isThere));
}

/** Folded to the first spelling, in order. */
function byFolding(keywords: readonly string[]): ReadonlyMap<string, string> {
  const spelt = new Map<string, string>();
  for (const keyword of keywords) {
    const folded = keyword.toLowerCase();
    if (!spelt.has(folded)) spelt.set(folded, keyword);
  }
  return spelt;
}

const textOf = (keywords: readonly string[]): string | null =>
  keywords.length === 0 ? null : JSON.stringify(keywords.toSorted());

const isThere = (spelt: string | undefined): spelt is string => spelt !== undefined;

function refuse(): never {
  throw new RollBack("keyword-limit");
}

/** `undefined` when the mailbox does not know the keyword and can learn no more. */
function spelling(
  { db }: Transaction,
  mailbox: MailboxId,
  folded: string,
  keyword: string,
): string | undefined {
  const known = db.one<{ spelling: string }>(
    "SELECT spelling FROM keyword WHERE mailbox_id = ? AND folded = ?",
    mailbox,
    folded,
  );
  if (known !== undefined) return known.spelling;
  const count =
    db.one<{ n: number }>("SELECT count(*) AS n FROM keyword WHERE mailbox_id = ?", mailbox)?.n ?? 0;
  if (count >= STORE_LIMITS.keywordsPerMailbox) return undefined;
  db.run("INSERT INTO keyword (mailbox_id, folded, spelling) VALUES (?, ?, ?)", mailbox, folded, keyword);
  return keyword;
}

export const flagsFrom = (system: number, keywords: string | null): Flags => ({
  system,
  keywords: keywords === null ? [] : (JSON.parse(keywords) as string[]),
});

/** What is read where only flags are asked for. */
export const FLAG_COLUMNS = "uid, mod_seq, system_flags, keywords";
export type RawFlags = { uid: Uid; mod_seq: ModSeq; system_flags: number; keywords: string | null };
export type FlagsOfUid = { uid: Uid; flags: Flags; modSeq: ModSeq };
export const flagRow = (row: RawFlags): FlagsOfUid => ({
  uid: row.uid,
  flags: flagsFrom(row.system_flags, row.keywords),
  modSeq: row.mod_seq,
});

/** Leaves tombstones for views that follow. RFC 7162 §3.2.7 */
export function bury(
  { db }: Transaction,
  mailbox: MailboxId,
  gone: readonly { readonly uid: Uid; readonly appeared: number }[],
  modSeq: ModSeq,
): void {
  for (const { uid, appeared } of gone) {
    db.run(
      "INSERT INTO vanished (mailbox_id, mod_seq, uid, appeared) VALUES (?, ?, ?, ?)",
      mailbox,
      modSeq,
      uid,
      appeared,
    );
  }
  const row = db.one<{ vanished: number }>(
    "UPDATE mailbox SET vanished = vanished + ? WHERE id = ? RETURNING vanished",
    gone.length,
    mailbox,
  );
  if ((row?.vanished ?? 0) > VANISHED_MAX + VANISHED_STEP) cutTombstones(db, mailbox);
}

/** Whole modseqs only: a delta from the floor on stays exact. */
function cutTombstones(db: Transaction["db"], mailbox: MailboxId): void {
  const floor = db.one<{ mod_seq: number }>(
    "SELECT mod_seq FROM vanished WHERE mailbox_id = ? ORDER BY mod_seq DESC LIMIT 1 OFFSET ?",
    mailbox,
    VANISHED_MAX,
  );
  if (floor === undefined) return;
  const removed = db.run(
    "DELETE FROM vanished WHERE mailbox_id = ? AND mod_seq <= ?",
    mailbox,
    floor.mod_seq,
  );
  db.run(
    "UPDATE mailbox SET vanished = vanished - ?, vanished_floor = ? WHERE id = ?",
    removed,
    floor.mod_seq,
    mailbox,
  );
}
