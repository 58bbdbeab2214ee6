import { setImmediate as turn } from "node:timers/promises";
import type { MailboxId, ModSeq } from "../../base/mail-ids.ts";
import type { MailboxDelta } from "../store.ts";
import type { Database } from "./database.ts";
import { FLAG_COLUMNS, flagRow, type FlagsOfUid, type RawFlags } from "./message-rows.ts";
import type { Readers } from "./readers.ts";
import { vanishedSince } from "./vanished.ts";

/** Rows per turn of the loop: about 2 ms with their keywords. */
const ROWS_BATCH = 500;

/** One snapshot for all three lists: together they are exact. */
export async function deltaOf(readers: Readers, mailbox: MailboxId, since: ModSeq): Promise<MailboxDelta> {
  using view = await readers.snapshot();
  const { db } = view;
  const facts = db.one<{ mod_seq: ModSeq; uid_next: number; vanished_floor: number }>(
    "SELECT mod_seq, uid_next, vanished_floor FROM mailbox WHERE id = ?",
    mailbox,
  );
  if (facts === undefined || facts.mod_seq <= since) {
    return { modSeq: facts?.mod_seq ?? since, appeared: [], changed: [], vanished: [] };
  }
  const first = firstSince(db, mailbox, since, facts.uid_next);
  const changed = await changedBefore(db, mailbox, since, first);
  const appeared = await from(db, mailbox, first);
  const vanished = await vanishedSince(db, mailbox, since, facts);
  return { modSeq: facts.mod_seq, appeared, changed, vanished };
}

/**
 * Where what came after `since` begins. Uids and the modseqs messages come with rise together, so arrivals need no
 * index by modseq; the place is looked for from the end in growing steps, for mostly it is one of the last.
 */
function firstSince(db: Database, mailbox: MailboxId, since: ModSeq, uidNext: number): number {
  let high = uidNext;
  let low = 0;
  for (let step = 1; high > 1; step *= 2) {
    const row = lastUpTo(db, mailbox, high - step);
    if (row === undefined || row.appeared <= since) {
      low = row?.uid ?? 0;
      break;
    }
    high = row.uid;
  }
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    const row = lastUpTo(db, mailbox, middle);
    if (row === undefined || row.appeared <= since) low = middle;
    else high = row.uid;
  }
  return high;
}

const lastUpTo = (
  db: Database,
  mailbox: MailboxId,
  uid: number,
): { readonly uid: number; readonly appeared: number } | undefined =>
  db.one(
    "SELECT uid, appeared FROM message WHERE mailbox_id = ? AND uid <= ? ORDER BY uid DESC LIMIT 1",
    mailbox,
    uid,
  );

async function from(db: Database, mailbox: MailboxId, first: number): Promise<FlagsOfUid[]> {
  const found: FlagsOfUid[] = [];
  for (let next = first; ; next = (found.at(-1)?.uid ?? next) + 1) {
    const rows = db.all<RawFlags>(
      `SELECT ${FLAG_COLUMNS} FROM message WHERE mailbox_id = ? AND uid >= ? ORDER BY uid LIMIT ${ROWS_BATCH}`,
      mailbox,
      next,
    );
    found.push(...rows.map(flagRow));
    if (rows.length < ROWS_BATCH) return found;
    await turn();
  }
}

async function changedBefore(
  db: Database,
  mailbox: MailboxId,
  since: ModSeq,
  first: number,
): Promise<FlagsOfUid[]> {
  const found: FlagsOfUid[] = [];
  let last: RawFlags | undefined;
  for (;;) {
    const rows: RawFlags[] = db.all(
      `SELECT ${FLAG_COLUMNS} FROM message
       WHERE mailbox_id = ?1 AND mod_seq > appeared AND mod_seq >= ?2 AND (mod_seq, uid) > (?2, ?3)
       ORDER BY mod_seq, uid LIMIT ${ROWS_BATCH}`,
      mailbox,
      last?.mod_seq ?? since + 1,
      last?.uid ?? 0,
    );
    for (const row of rows) if (row.uid < first) found.push(flagRow(row));
    last = rows.at(-1);
    if (rows.length < ROWS_BATCH) return found.sort((a, b) => a.uid - b.uid);
    await turn();
  }
}
