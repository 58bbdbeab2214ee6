import { hash as hashOf, createHash } from "node:crypto";
import { closeSync, openSync, readSync } from "node:fs";
import { SEGMENT_OCTETS, type Place } from "../blobs/segment-files.ts";
import type { MessageSource } from "../store.ts";
import type { Database } from "./database.ts";
import type { PackedMessage } from "./operations.ts";
import type { Transaction } from "./transaction.ts";

/** Octets read at a time from a message that waits in a file. */
const COPY_OCTETS = 1024 * 1024;

/** The key of a row of `blob`; a `BlobId` is its digits. */
export type BlobNumber = number;

type Files = Pick<Transaction, "db" | "segments">;

/** Readies the segment writer for a transaction: the committed tail, or a new segment where the last is full. */
export function beginSegment(files: Files): void {
  const { db, segments } = files;
  const last = db.one<{ id: number; used_octets: number; next_blob: number }>(
    "SELECT id, used_octets, next_blob FROM segment ORDER BY id DESC LIMIT 1",
  );
  if (segments.segment !== last?.id || last.used_octets >= SEGMENT_OCTETS) cutOffSegment(files);
  if (last !== undefined && last.used_octets < SEGMENT_OCTETS)
    return segments.begin(last.id, last.used_octets, last.next_blob);
  const next = last?.next_blob ?? 1;
  segments.begin(addSegment(db, next), 0, next);
}

/** Gives back the room that the segment written last did not need. At the start of a transaction, or alone in one. */
export function cutOffSegment({ db, segments }: Files): void {
  const now = db.one<{ used_octets: number }>(
    "SELECT used_octets FROM segment WHERE id = ?",
    segments.segment,
  );
  if (now !== undefined) segments.cutOff(now.used_octets);
}

/** An empty segment, in which the blob `next` is the first that is born. */
const addSegment = (db: Database, next: BlobNumber): number =>
  db.insert(
    "INSERT INTO segment (used_octets, dead_octets, first_blob, next_blob) VALUES (0, 0, ?1, ?1)",
    next,
  );

/** The bytes go to stable storage before the rows that point at them are committed. */
export function endSegment({ db, segments }: Files): void {
  segments.sync();
  const { tail, segment, nextNumber } = segments;
  db.run(
    "UPDATE segment SET used_octets = ?1, next_blob = ?2 WHERE id = ?3 AND used_octets <> ?1",
    tail,
    nextNumber,
    segment,
  );
}

export type StoredBlob = { readonly id: BlobNumber; readonly size_octets: number };

/**
 * Stores a message and counts one reference. Twins are not looked for: no two deliveries are alike, as each bears the
 * time and id of its own (Received); all recipients of one share what is stored here.
 */
export function putBlob(tx: Transaction, message: PackedMessage): StoredBlob {
  const start = tx.segments.tail;
  return insertBlob(tx, message, start, sumAndAppend(tx, message.source), false);
}

/** As `putBlob`, for messages that may come twice: one that came this way before is shared. */
export function shareBlob(tx: Transaction, message: PackedMessage): StoredBlob {
  const { segments, db } = tx;
  const start = segments.tail;
  const sum = sumAndAppend(tx, message.source);
  const twin = db.one<{ id: BlobNumber }>(
    "UPDATE blob SET refs = refs + 1 WHERE hash = ? AND shared = 1 RETURNING id",
    sum.hash,
  );
  if (twin === undefined) return insertBlob(tx, message, start, sum, true);
  segments.resetTo(start);
  return { id: twin.id, size_octets: sum.size_octets };
}

type Sum = { readonly hash: Uint8Array; readonly size_octets: number };

function insertBlob(
  { db, segments }: Transaction,
  message: PackedMessage,
  start: number,
  { hash, size_octets }: Sum,
  shared: boolean,
): StoredBlob {
  const id = segments.takeNumber();
  const outline = Buffer.from(message.outline);
  db.run(
    `INSERT INTO blob (id, hash, segment_id, start, size_octets, outline_octets, refs, shared)
     VALUES (?, ?, ?, ?, ?, ?, 1, ?)`,
    id,
    hash,
    segments.segment,
    start,
    size_octets,
    outline.length,
    Number(shared),
  );
  segments.append(outline);
  return { id, size_octets };
}

export function addReferences(tx: Transaction, id: BlobNumber, count = 1): void {
  tx.db.run("UPDATE blob SET refs = refs + ? WHERE id = ?", count, id);
}

/** The last reference takes the blob with it; its octets are dead until the segment is compacted. */
export function dropReference({ db }: Pick<Transaction, "db">, id: BlobNumber): void {
  const row = db.one<{ refs: number; segment_id: number; octets: number }>(
    "UPDATE blob SET refs = refs - 1 WHERE id = ? RETURNING refs, segment_id, size_octets + outline_octets AS octets",
    id,
  );
  if (row === undefined || row.refs > 0) return;
  db.run("DELETE FROM blob WHERE id = ?", id);
  db.run("UPDATE segment SET dead_octets = dead_octets + ? WHERE id = ?", row.octets, row.segment_id);
}

/** Where a message and its outline lie now. */
export function findBlob(db: Database, id: BlobNumber): { octets: Place; outline: Place } | undefined {
  const row = db.one<{ segment_id: number; start: number; size_octets: number; outline_octets: number }>(
    "SELECT segment_id, start, size_octets, outline_octets FROM blob WHERE id = ?",
    id,
  );
  if (row === undefined) return undefined;
  const { segment_id: segment, start, size_octets: size, outline_octets } = row;
  return {
    octets: { segment, start, length: size },
    outline: { segment, start: start + size, length: outline_octets },
  };
}

/** SHA-256 of the octets. */
export const hashOfBlob = (db: Database, id: BlobNumber): Uint8Array | undefined =>
  db.one<{ hash: Uint8Array }>("SELECT hash FROM blob WHERE id = ?", id)?.hash;

function sumAndAppend(tx: Transaction, source: MessageSource): Sum {
  if (source.kind === "file") return appendFile(tx, source);
  tx.segments.append(source.octets);
  return { hash: hashOf("sha256", source.octets, "buffer"), size_octets: source.octets.length };
}

/** Copies a spooled message into the segment, summing on the way. */
function appendFile({ segments }: Transaction, { path }: MessageSource & { readonly kind: "file" }): Sum {
  const sum = createHash("sha256");
  let size_octets = 0;
  const fd = openSync(path, "r");
  try {
    for (;;) {
      const octets = Buffer.allocUnsafeSlow(COPY_OCTETS);
      const got = octets.subarray(0, readSync(fd, octets));
      if (got.length === 0) return { hash: sum.digest(), size_octets };
      sum.update(got);
      segments.append(got);
      size_octets += got.length;
    }
  } finally {
    closeSync(fd);
  }
}
