import { setImmediate as turn } from "node:timers/promises";
import type { JournalEntry, JournalReads } from "../store.ts";
import type { Database } from "./database.ts";
import { waitingPlaces } from "./journal-index.ts";
import { unpackBody } from "./journal-rows.ts";
import type { Readers } from "./readers.ts";

/** Records per turn of the loop: about 3 ms with their inflation. */
const BATCH = 200;

export const journalReads = (readers: Readers): JournalReads => ({
  journalFind: (question) => find(readers, question),
  journalScan: (question) => scan(readers, question),
});

type RawEntry = {
  readonly seq: number;
  readonly kind: string;
  readonly id: string;
  readonly at_ms: number;
  readonly body: Uint8Array;
};
/** A place in the order of time; records of the same moment stand in the order they were written. */
type Place = { readonly at_ms: number; readonly seq: number };

const entryOf = ({ kind, id, at_ms, body }: RawEntry): JournalEntry => ({
  kind,
  id,
  at_ms,
  ...unpackBody(body),
});

const COLUMNS = "j.seq, j.kind, j.id, j.at_ms, j.body";
const NEWEST: Place = { at_ms: Number.MAX_SAFE_INTEGER, seq: Number.MAX_SAFE_INTEGER };

async function find(
  readers: Readers,
  { key, kind, since_ms, limit }: Parameters<JournalReads["journalFind"]>[0],
): Promise<readonly JournalEntry[]> {
  const found: JournalEntry[] = [];
  for (let before: Place | undefined = NEWEST; before !== undefined && found.length < limit;) {
    const most = Math.min(BATCH, limit - found.length);
    const at: Place = before;
    before = await readers.read((db) => {
      const { rows, next } =
        key === undefined
          ? older(db, kind, since_ms, at, most)
          : olderWithKey(db, key, kind, since_ms, at, most);
      for (const row of rows) found.push(entryOf(row));
      return next;
    });
    if (before !== undefined) await turn();
  }
  return found;
}

type Batch = { readonly rows: readonly RawEntry[]; readonly next: Place | undefined };

function older(db: Database, kind: string | undefined, since_ms: number, before: Place, most: number): Batch {
  const rows = db.all<RawEntry>(
    `SELECT ${COLUMNS} FROM journal j WHERE ${kind === undefined ? "?1 IS NULL" : "kind = ?1"}
       AND at_ms >= ?2 AND at_ms <= ?3 AND (at_ms, seq) < (?3, ?4) ORDER BY at_ms DESC, seq DESC LIMIT ?5`,
    kind ?? null,
    since_ms,
    before.at_ms,
    before.seq,
    most,
  );
  return { rows, next: rows.length < most ? undefined : rows.at(-1) };
}

/** Looks at a batch of the key's records, whatever their kind, so that a key in millions of them holds nobody up. */
function olderWithKey(
  db: Database,
  key: string,
  kind: string | undefined,
  since_ms: number,
  before: Place,
  most: number,
): Batch {
  // First those that still wait: in between, one may find its place in the index, and none is missed.
  const waiting = waitingPlaces(db, key).filter(
    ({ at_ms, seq }) => at_ms >= since_ms && isBefore({ at_ms, seq }, before),
  );
  const indexed = db.all<Place>(
    `SELECT at_ms, seq FROM journal_key WHERE key = ?1 AND at_ms >= ?2 AND at_ms <= ?3 AND (at_ms, seq) < (?3, ?4)
     ORDER BY at_ms DESC, seq DESC LIMIT ${BATCH}`,
    key,
    since_ms,
    before.at_ms,
    before.seq,
  );
  const places = newestFirst([...waiting, ...indexed]).slice(0, BATCH);
  const rows: RawEntry[] = [];
  for (const { seq } of places) {
    if (rows.length === most) break;
    const row = db.one<RawEntry>(
      `SELECT ${COLUMNS} FROM journal j WHERE seq = ?1 AND (?2 IS NULL OR kind = ?2)`,
      seq,
      kind ?? null,
    );
    if (row !== undefined) rows.push(row);
  }
  return { rows, next: places.length < BATCH ? undefined : places.at(-1) };
}

const isBefore = (a: Place, b: Place): boolean => a.at_ms < b.at_ms || (a.at_ms === b.at_ms && a.seq < b.seq);

/** Each once. */
const newestFirst = (places: readonly Place[]): readonly Place[] =>
  [...new Map(places.map((place) => [place.seq, place])).values()].toSorted((a, b) =>
    isBefore(a, b) ? 1 : -1,
  );

/** What is recorded while the scan goes on is not part of it, so it ends. */
async function* scan(
  readers: Readers,
  { kind, since_ms, until_ms }: Parameters<JournalReads["journalScan"]>[0],
): AsyncGenerator<readonly JournalEntry[]> {
  const end = await readers.read(
    (db) => db.one<{ seq: number }>("SELECT max(seq) AS seq FROM journal")?.seq ?? 0,
  );
  for (let after: Place = { at_ms: since_ms, seq: 0 }; ;) {
    const at = after;
    const rows = await readers.read((db) =>
      newer(db, kind, at, { seq: end, at_ms: until_ms ?? NEWEST.at_ms }),
    );
    const last = rows.at(-1);
    if (last === undefined) return;
    yield rows.map(entryOf);
    after = last;
    await turn();
  }
}

const newer = (db: Database, kind: string | undefined, after: Place, end: Place): RawEntry[] =>
  db.all<RawEntry>(
    `SELECT ${COLUMNS} FROM journal j WHERE ${kind === undefined ? "?1 IS NULL" : "kind = ?1"}
       AND at_ms >= ?2 AND (at_ms, seq) > (?2, ?3) AND seq <= ?4 AND at_ms < ?5 ORDER BY at_ms, seq LIMIT ${BATCH}`,
    kind ?? null,
    after.at_ms,
    after.seq,
    end.seq,
    end.at_ms,
  );
