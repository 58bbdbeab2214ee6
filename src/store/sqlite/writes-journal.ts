import { STORE_LIMITS, type JournalEntry, type JournalMark } from "../store.ts";
import { JOURNAL_OCTETS, packBody, unpackKeys } from "./journal-rows.ts";
import type { Input, PruneStep } from "./operations.ts";
import type { Transaction } from "./transaction.ts";

/** Records forgotten in one operation: a few milliseconds with their keys. */
const PRUNE_STEP = 100;

/** Their keys follow, see journal-index.ts. */
export function record({ db, journal }: Transaction, entries: readonly JournalEntry[]): void {
  for (const { kind, id, at_ms, keys, body } of entries) {
    const kept = [...new Set(keys)].slice(0, STORE_LIMITS.keysPerRecord);
    const packed = packBody(kept, body);
    db.run("INSERT INTO journal (kind, id, at_ms, body) VALUES (?, ?, ?, ?)", kind, id, at_ms, packed);
    journal.octets += packed.length;
  }
}

export function forgetRecords({ db }: Transaction, records: readonly JournalMark[]): number {
  let removed = 0;
  for (const { kind, id, at_ms } of records) {
    const rows = db.all<OldRow>(
      "SELECT seq, at_ms, body FROM journal WHERE kind = ? AND at_ms = ? AND id = ?",
      kind,
      at_ms,
      id,
    );
    for (const row of rows) removeRecord(db, row);
    removed += rows.length;
  }
  return removed;
}

type OldRow = { readonly seq: number; readonly at_ms: number; readonly body: Uint8Array };

/** Forgets the oldest records, a few at a time, as long as they are too old or there is too much of them. */
export function pruneStep({ db }: Transaction, { before_ms, octets_max }: Input<"pruneStep">): PruneStep {
  let octets = addOctets(db, 0);
  const rows = db.all<OldRow>(`SELECT seq, at_ms, body FROM journal ORDER BY at_ms, seq LIMIT ${PRUNE_STEP}`);
  let removed = 0;
  for (const { seq, at_ms, body } of rows) {
    if (at_ms >= before_ms && octets <= octets_max) break;
    removeRecord(db, { seq, at_ms, body });
    octets -= body.length;
    removed++;
  }
  return { removed, more: removed === PRUNE_STEP };
}

function removeRecord(db: Transaction["db"], { seq, at_ms, body }: OldRow): void {
  for (const key of unpackKeys(body)) {
    db.run("DELETE FROM journal_key WHERE key = ? AND at_ms = ? AND seq = ?", key, at_ms, seq);
  }
  db.run("DELETE FROM journal WHERE seq = ?", seq);
  addOctets(db, -body.length);
}

/** Returns the new total. */
export function addOctets(db: Transaction["db"], octets: number): number {
  const row = db.one<{ value: number }>(
    `INSERT INTO counter VALUES ('${JOURNAL_OCTETS}', ?1)
     ON CONFLICT (name) DO UPDATE SET value = value + ?1 RETURNING value`,
    octets,
  );
  return row?.value ?? 0;
}
