import { closeSync, openSync, readSync, readdirSync, rmSync } from "node:fs";
import { SEGMENT_OCTETS, segmentNumber, segmentPath } from "../blobs/segment-files.ts";
import { dropReference, type BlobNumber } from "./blob-rows.ts";
import type { Database } from "./database.ts";
import { indexJournal } from "./journal-index.ts";
import type { Input } from "./operations.ts";
import type { Transaction } from "./transaction.ts";

/** Bounds of one step, so that mail never waits long behind tidying. */
const STEP_ROWS = 500;
const STEP_OCTETS = 4 * 1024 * 1024;
/** Copying the living pays off from here: at most as much is written as is freed. */
const DEAD_SHARE = 0.5;

export type Swept = { readonly more: boolean; readonly removedSegments: readonly number[] };
const nothing: Swept = { more: false, removedSegments: [] };

/** One bounded step of tidying in a transaction of its own: the journal's keys first, then graves, then segments. */
export function sweepStep(tx: Transaction): Swept {
  if (indexJournal(tx.db)) return { more: true, removedSegments: [] };
  const grave = tx.db.one<{ kind: "mailbox" | "account"; id: number }>(
    "SELECT kind, id FROM grave ORDER BY kind DESC LIMIT 1",
  );
  if (grave?.kind === "mailbox") return clearMailbox(tx, grave.id);
  if (grave?.kind === "account") return clearAccount(tx, grave.id);
  if (isHeld(tx)) return nothing;
  const victim = tx.db.one<{ id: number; used_octets: number; dead_octets: number }>(
    `SELECT id, used_octets, dead_octets FROM segment
     WHERE id <> ? AND dead_octets >= used_octets * ${DEAD_SHARE} ORDER BY id LIMIT 1`,
    tx.segments.segment,
  );
  return victim === undefined ? nothing : compact(tx, victim.id);
}

/** Removes files no row speaks of: what a killed process left. Under the write lock only. */
export function removeStrayFiles(db: Database, directory: string): void {
  const known = new Set(db.all<{ id: number }>("SELECT id FROM segment").map((row) => row.id));
  for (const name of readdirSync(directory)) {
    const number = segmentNumber(name);
    if (number !== undefined && !known.has(number)) rmSync(segmentPath(directory, number), { force: true });
  }
}

function clearMailbox(tx: Transaction, id: number): Swept {
  const rows = tx.db.all<{ uid: number; blob: BlobNumber }>(
    `SELECT uid, blob FROM message WHERE mailbox_id = ? LIMIT ${STEP_ROWS}`,
    id,
  );
  for (const { uid, blob } of rows) {
    tx.db.run("DELETE FROM message WHERE mailbox_id = ? AND uid = ?", id, uid);
    dropReference(tx, blob);
  }
  if (rows.length < STEP_ROWS) {
    tx.db.run("DELETE FROM vanished WHERE mailbox_id = ?", id);
    tx.db.run("DELETE FROM keyword WHERE mailbox_id = ?", id);
    tx.db.run("DELETE FROM grave WHERE kind = 'mailbox' AND id = ?", id);
  }
  return { more: true, removedSegments: [] };
}

function clearAccount({ db }: Transaction, id: number): Swept {
  const removed = db.run(
    `DELETE FROM thread WHERE account_id = ?1 AND hash IN
       (SELECT hash FROM thread WHERE account_id = ?1 LIMIT ${STEP_ROWS})`,
    id,
  );
  if (removed < STEP_ROWS) db.run("DELETE FROM grave WHERE kind = 'account' AND id = ?", id);
  return { more: true, removedSegments: [] };
}

type Living = { readonly id: BlobNumber; readonly start: number; readonly octets: number };

/** Copies what lives in a segment to the tail, a few megabytes at a time; an empty one is given up. */
function compact(tx: Transaction, segment: number): Swept {
  const living = livingIn(tx.db, segment);
  if (living.length === 0) {
    tx.db.run("DELETE FROM segment WHERE id = ?", segment);
    return { more: true, removedSegments: [segment] };
  }
  const fd = openSync(segmentPath(tx.segments.directory, segment), "r");
  try {
    let moved_octets = 0;
    for (const { id, start, octets } of living) {
      if (moved_octets >= STEP_OCTETS || tx.segments.tail >= SEGMENT_OCTETS + STEP_OCTETS) break;
      const place = tx.segments.append(readExactly(fd, start, octets));
      tx.db.run(
        "UPDATE blob SET segment_id = ?, start = ?, moved = 1 WHERE id = ?",
        place.segment,
        place.start,
        id,
      );
      tx.db.run("UPDATE segment SET dead_octets = dead_octets + ? WHERE id = ?", octets, segment);
      moved_octets += octets;
    }
  } finally {
    closeSync(fd);
  }
  return { more: true, removedSegments: [] };
}

/** Those that were born there, by their numbers, then those that an earlier compaction brought. */
function livingIn(db: Database, segment: number): readonly Living[] {
  const select = "SELECT id, start, size_octets + outline_octets AS octets FROM blob";
  const born = db.all<Living>(
    `${select} WHERE id >= (SELECT first_blob FROM segment WHERE id = ?1)
       AND id < (SELECT next_blob FROM segment WHERE id = ?1) AND segment_id = ?1 ORDER BY id LIMIT ${STEP_ROWS}`,
    segment,
  );
  const [first] = born;
  if (first === undefined)
    return db.all<Living>(`${select} WHERE moved = 1 AND segment_id = ? LIMIT ${STEP_ROWS}`, segment);
  // The next step does not look through those again that have gone.
  db.run("UPDATE segment SET first_blob = ? WHERE id = ?", first.id, segment);
  return born;
}

function readExactly(fd: number, start: number, length: number): Buffer {
  const octets = Buffer.allocUnsafeSlow(length);
  for (let done = 0; done < length;) {
    const got = readSync(fd, octets, done, length - done, start + done);
    if (got === 0) throw new Error("a segment ends before its rows say");
    done += got;
  }
  return octets;
}

/** A backup is copying segments; none may go until it is done, or has been silent for too long. */
export function holdSegments({ db }: Transaction, { id, duration_ms }: Input<"holdSegments">): void {
  db.run("INSERT OR REPLACE INTO hold (id, until_ms) VALUES (?, ?)", id, wallClock_ms() + duration_ms);
}

export function releaseSegments({ db }: Transaction, id: string): void {
  db.run("DELETE FROM hold WHERE id = ?", id);
}

const isHeld = ({ db }: Transaction): boolean =>
  db.one("SELECT 1 FROM hold WHERE until_ms > ?", wallClock_ms()) !== undefined;

/** Holds are agreed between processes, so the machine's own clock is the right one. */
const wallClock_ms = (): number => Date.now();
