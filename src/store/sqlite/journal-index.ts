import type { Database } from "./database.ts";
import { JOURNAL_OCTETS, unpackKeys } from "./journal-rows.ts";

/** Records whose keys are written in one step: a few milliseconds. */
const STEP_RECORDS = 500;
/** The counter of the last record whose keys stand in `journal_key`. */
export const JOURNAL_INDEXED = "journal_indexed";

type Waiting = {
  readonly seq: number;
  readonly kind: string;
  readonly at_ms: number;
  readonly body: Uint8Array;
};
/** A place in the order of time; records of the same moment stand in the order they were written. */
export type Place = { readonly at_ms: number; readonly seq: number };

/** What all records of a kind are found by: one key more, instead of an index more. */
const KIND_MARK = "\u0001";
export const kindKey = (kind: string): string => KIND_MARK + kind;
/** The same in SQL. */
export const IS_KIND_KEY = "substr(key, 1, 1) = char(1)";

const keysOf = ({ kind, body }: Waiting): readonly string[] => [kindKey(kind), ...unpackKeys(body)];

/**
 * The keys of records are written a moment after the records, many at once and in order: keys of one moment are mostly
 * the same few people and machines, while one by one they were 8 of the 23 statements of a delivery, each on a page of its own.
 * Their octets are counted here, too. Returns whether more may wait.
 */
export function indexJournal(db: Database): boolean {
  const records = waiting(db, STEP_RECORDS);
  const last = records.at(-1);
  if (last === undefined) return false;
  const keys = records.flatMap((record) =>
    keysOf(record).map((key) => ({ key, at_ms: record.at_ms, seq: record.seq })),
  );
  keys.sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : a.seq - b.seq));
  for (const { key, at_ms, seq } of keys)
    db.run("INSERT OR IGNORE INTO journal_key (key, at_ms, seq) VALUES (?, ?, ?)", key, at_ms, seq);
  addOctets(
    db,
    records.reduce((sum, { body }) => sum + body.length, 0),
  );
  db.run(`INSERT OR REPLACE INTO counter VALUES ('${JOURNAL_INDEXED}', ?)`, last.seq);
  return records.length === STEP_RECORDS;
}

/** Counts what bodies take in or out; returns the new total. */
export function addOctets(db: Database, octets: number): number {
  const row = db.one<{ value: number }>(
    `INSERT INTO counter VALUES ('${JOURNAL_OCTETS}', ?1)
     ON CONFLICT (name) DO UPDATE SET value = value + ?1 RETURNING value`,
    octets,
  );
  return row?.value ?? 0;
}

/** Takes the keys of a record out of the index; whether they stood there yet or not. */
export function unindex(db: Database, record: Waiting): void {
  for (const key of keysOf(record))
    db.run("DELETE FROM journal_key WHERE key = ? AND at_ms = ? AND seq = ?", key, record.at_ms, record.seq);
}

/** Which way, and where it begins and ends; the beginning is left out. */
export type Stretch =
  | { readonly way: "older"; readonly from: Place; readonly since_ms: number }
  | { readonly way: "newer"; readonly from: Place; readonly until_ms: number; readonly last: number };

/** Where the next records with one of these keys stand, also of those that still wait for the index; in order, each once. */
export function placesOf(
  db: Database,
  keys: readonly string[],
  stretch: Stretch,
  limit: number,
): readonly Place[] {
  // First those that still wait: in between, one may find its place in the index, and none is missed.
  const places = waiting(db, -1)
    .filter((record) => isWithin(record, stretch) && keysOf(record).some((key) => keys.includes(key)))
    .map(({ at_ms, seq }): Place => ({ at_ms, seq }));
  for (const key of keys) places.push(...indexed(db, key, stretch, limit));
  const once = [...new Map(places.map((place) => [place.seq, place])).values()];
  const sign = stretch.way === "newer" ? 1 : -1;
  return once.toSorted((a, b) => sign * compare(a, b)).slice(0, limit);
}

/** The keys of all kinds there are. */
export function kindKeys(db: Database): readonly string[] {
  const keys = new Set(waiting(db, -1).map(({ kind }) => kindKey(kind)));
  for (let last = KIND_MARK; ;) {
    const next = db.one<{ key: string | null }>(
      "SELECT min(key) AS key FROM journal_key WHERE key > ?",
      last,
    );
    if (!next?.key?.startsWith(KIND_MARK)) return [...keys];
    keys.add((last = next.key));
  }
}

/** Whether there is a record with this key. */
export const isKnown = (db: Database, key: string): boolean =>
  db.one("SELECT 1 FROM journal_key WHERE key = ? LIMIT 1", key) !== undefined ||
  waiting(db, -1).some((record) => keysOf(record).includes(key));

const compare = (a: Place, b: Place): number => a.at_ms - b.at_ms || a.seq - b.seq;

function isWithin(place: Place, stretch: Stretch): boolean {
  if (stretch.way === "older") return place.at_ms >= stretch.since_ms && compare(place, stretch.from) < 0;
  return place.at_ms < stretch.until_ms && place.seq <= stretch.last && compare(place, stretch.from) > 0;
}

const indexed = (db: Database, key: string, stretch: Stretch, limit: number): readonly Place[] =>
  stretch.way === "older"
    ? db.all<Place>(
        `SELECT at_ms, seq FROM journal_key WHERE key = ?1 AND at_ms >= ?2 AND at_ms <= ?3 AND (at_ms, seq) < (?3, ?4)
         ORDER BY at_ms DESC, seq DESC LIMIT ?5`,
        key,
        stretch.since_ms,
        stretch.from.at_ms,
        stretch.from.seq,
        limit,
      )
    : db.all<Place>(
        `SELECT at_ms, seq FROM journal_key WHERE key = ?1 AND at_ms >= ?2 AND (at_ms, seq) > (?2, ?3) AND at_ms < ?4
           AND seq <= ?5 ORDER BY at_ms, seq LIMIT ?6`,
        key,
        stretch.from.at_ms,
        stretch.from.seq,
        stretch.until_ms,
        stretch.last,
        limit,
      );

const waiting = (db: Database, limit: number): readonly Waiting[] =>
  db.all<Waiting>(
    `SELECT seq, kind, at_ms, body FROM journal
     WHERE seq > coalesce((SELECT value FROM counter WHERE name = '${JOURNAL_INDEXED}'), 0) ORDER BY seq LIMIT ?`,
    limit,
  );
