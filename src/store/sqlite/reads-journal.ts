import { setImmediate as turn } from "node:timers/promises";
import type { JournalEntry, JournalReads } from "../store.ts";
import type { Database } from "./database.ts";
import { kindKey, kindKeys, placesOf, type Place, type Stretch } from "./journal-index.ts";
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
const entryOf = ({ kind, id, at_ms, body }: RawEntry): JournalEntry => ({
  kind,
  id,
  at_ms,
  ...unpackBody(body),
});

const NEWEST: Place = { at_ms: Number.MAX_SAFE_INTEGER, seq: Number.MAX_SAFE_INTEGER };

/** What a question that may name a key or a kind or nothing looks under. */
function keysFor(db: Database, key: string | undefined, kind: string | undefined): readonly string[] {
  if (key !== undefined) return [key];
  return kind === undefined ? kindKeys(db) : [kindKey(kind)];
}

async function find(
  readers: Readers,
  { key, kind, since_ms, limit }: Parameters<JournalReads["journalFind"]>[0],
): Promise<readonly JournalEntry[]> {
  const found: JournalEntry[] = [];
  for (let from: Place | undefined = NEWEST; from !== undefined && found.length < limit;) {
    const stretch: Stretch = { way: "older", from, since_ms };
    from = await readers.read((db) => {
      const { rows, next } = lookAt(db, keysFor(db, key, kind), kind, stretch, limit - found.length);
      for (const row of rows) found.push(entryOf(row));
      return next;
    });
    if (from !== undefined) await turn();
  }
  return found;
}

type Batch = { readonly rows: readonly RawEntry[]; readonly next: Place | undefined };

/** Looks at a batch of the keys' records, whatever their kind, so that a key in millions of them holds nobody up. */
function lookAt(
  db: Database,
  keys: readonly string[],
  kind: string | undefined,
  stretch: Stretch,
  most: number,
): Batch {
  const places = placesOf(db, keys, stretch, BATCH);
  const rows: RawEntry[] = [];
  for (const { seq } of places) {
    if (rows.length === most) break;
    const row = db.one<RawEntry>(
      "SELECT seq, kind, id, at_ms, body FROM journal WHERE seq = ?1 AND (?2 IS NULL OR kind = ?2)",
      seq,
      kind ?? null,
    );
    if (row !== undefined) rows.push(row);
  }
  return { rows, next: places.length < BATCH ? undefined : places.at(-1) };
}

/** What is recorded while the scan goes on is not part of it, so it ends. */
async function* scan(
  readers: Readers,
  { kind, since_ms, until_ms = NEWEST.at_ms }: Parameters<JournalReads["journalScan"]>[0],
): AsyncGenerator<readonly JournalEntry[]> {
  const last = await readers.read(
    (db) => db.one<{ seq: number }>("SELECT max(seq) AS seq FROM journal")?.seq ?? 0,
  );
  for (let from: Place | undefined = { at_ms: since_ms, seq: 0 }; from !== undefined;) {
    const stretch: Stretch = { way: "newer", from, until_ms, last };
    const { rows, next }: Batch = await readers.read((db) =>
      lookAt(db, keysFor(db, undefined, kind), kind, stretch, BATCH),
    );
    if (rows.length > 0) yield rows.map(entryOf);
    from = next;
    await turn();
  }
}
