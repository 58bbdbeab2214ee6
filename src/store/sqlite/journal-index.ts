import type { Database } from "./database.ts";
import { unpackKeys } from "./journal-rows.ts";

/** Records whose keys are written in one step: a few milliseconds. */
const STEP_RECORDS = 500;
/** The counter of the last record whose keys stand in `journal_key`. */
export const JOURNAL_INDEXED = "journal_indexed";

type Waiting = { readonly seq: number; readonly at_ms: number; readonly body: Uint8Array };
export type KeyPlace = { readonly at_ms: number; readonly seq: number };

/**
 * The keys of records are written a moment after the records, many at once and in order: keys of one moment are mostly
 * the same few people and machines, while one by one they were 8 of the 23 statements of a delivery, each on a page of its own.
 * Returns whether more may wait.
 */
export function indexJournal(db: Database): boolean {
  const records = waiting(db, STEP_RECORDS);
  const last = records.at(-1);
  if (last === undefined) return false;
  const keys = records.flatMap(({ seq, at_ms, body }) =>
    unpackKeys(body).map((key) => ({ key, at_ms, seq })),
  );
  keys.sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : a.seq - b.seq));
  for (const { key, at_ms, seq } of keys)
    db.run("INSERT OR IGNORE INTO journal_key (key, at_ms, seq) VALUES (?, ?, ?)", key, at_ms, seq);
  db.run(`INSERT OR REPLACE INTO counter VALUES ('${JOURNAL_INDEXED}', ?)`, last.seq);
  return records.length === STEP_RECORDS;
}

/** Where records with this key stand that still wait for their place in the index, in no order. */
export const waitingPlaces = (db: Database, key: string): readonly KeyPlace[] =>
  waiting(db, -1).filter(({ body }) => unpackKeys(body).includes(key));

const waiting = (db: Database, limit: number): readonly Waiting[] =>
  db.all<Waiting>(
    `SELECT seq, at_ms, body FROM journal
     WHERE seq > coalesce((SELECT value FROM counter WHERE name = '${JOURNAL_INDEXED}'), 0) ORDER BY seq LIMIT ?`,
    limit,
  );
