import { STORE_LIMITS, type JournalEntry, type JournalMark } from "../store.ts";
import {
  addOctets,
  indexJournal,
  kindKey,
  kindKeys,
  placesOf,
  unindex,
  type Stretch,
} from "./journal-index.ts";
import { packBody } from "./journal-rows.ts";
import type { Input, PruneStep } from "./operations.ts";
import type { Transaction } from "./transaction.ts";

/** Records forgotten in one operation: a few milliseconds with their keys. */
const PRUNE_STEP = 100;

/** Their keys follow, see journal-index.ts. */
export function record({ db }: Transaction, entries: readonly JournalEntry[]): void {
  for (const { kind, id, at_ms, keys, body } of entries) {
    const kept = [...new Set(keys)].slice(0, STORE_LIMITS.keysPerRecord);
    db.run(
      "INSERT INTO journal (kind, id, at_ms, body) VALUES (?, ?, ?, ?)",
      kind,
      id,
      at_ms,
      packBody(kept, body),
    );
  }
}

export function forgetRecords({ db }: Transaction, records: readonly JournalMark[]): number {
  while (indexJournal(db));
  let removed = 0;
  for (const { kind, id, at_ms } of records) {
    const rows = db.all<OldRow>(
      `SELECT seq, kind, at_ms, body FROM journal
       WHERE seq IN (SELECT seq FROM journal_key WHERE key = ? AND at_ms = ?) AND kind = ? AND id = ?`,
      kindKey(kind),
      at_ms,
      kind,
      id,
    );
    for (const row of rows) removeRecord(db, row);
    removed += rows.length;
  }
  return removed;
}

type OldRow = {
  readonly seq: number;
  readonly kind: string;
  readonly at_ms: number;
  readonly body: Uint8Array;
};

const FROM_THE_OLDEST = {
  way: "newer",
  from: { at_ms: Number.MIN_SAFE_INTEGER, seq: 0 },
  until_ms: Number.MAX_SAFE_INTEGER,
  last: Number.MAX_SAFE_INTEGER,
} as const satisfies Stretch;

/** Forgets the oldest records, a few at a time, as long as they are too old or there is too much of them. */
export function pruneStep({ db }: Transaction, { before_ms, octets_max }: Input<"pruneStep">): PruneStep {
  while (indexJournal(db));
  let octets = addOctets(db, 0);
  const oldest = placesOf(db, kindKeys(db), FROM_THE_OLDEST, PRUNE_STEP);
  let removed = 0;
  for (const { seq, at_ms } of oldest) {
    if (at_ms >= before_ms && octets <= octets_max) break;
    const row = db.one<OldRow>("SELECT seq, kind, at_ms, body FROM journal WHERE seq = ?", seq);
    if (row === undefined) continue;
    removeRecord(db, row);
    octets -= row.body.length;
    removed++;
  }
  return { removed, more: removed === PRUNE_STEP };
}

function removeRecord(db: Transaction["db"], row: OldRow): void {
  unindex(db, row);
  db.run("DELETE FROM journal WHERE seq = ?", row.seq);
  addOctets(db, -row.body.length);
}
