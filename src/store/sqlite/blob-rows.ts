import { hash as hashOf, createHash } from "node:crypto";
import { closeSync, openSync, readSync } from "node:fs";
import { SEGMENT_OCTETS, type Place } from "../blobs/segment-files.ts";
import type { MessageSource } from "../store.ts";
import type { Database } from "./database.ts";
import type { PackedMessage } from "./operations.ts";
import type { Transaction } from "./transaction.ts";

/** Octets read at a time from a message that waits in a file. */
const COPY_OCTETS = 1024 * 1024;

export type BlobHash = Uint8Array;

/** Readies the segment writer for a transaction: the committed tail, or a new segment where the last is full. */
export function beginSegment({ db, segments }: Pick<Transaction, "db" | "segments">): void {
  const last = db.one<{ id: number; used_octets: number }>(
    "SELECT id, used_octets FROM segment ORDER BY id DESC LIMIT 1",
  );
  if (last !== undefined && last.used_octets < SEGMENT_OCTETS)
    return segments.begin(last.id, last.used_octets);
  segments.begin(db.insert("INSERT INTO segment (used_octets, dead_octets) VALUES (0, 0)"), 0);
}

/** The bytes go to stable storage before the rows that point at them are committed. */
export function endSegment({ db, segments }: Pick<Transaction, "db" | "segments">): void {
  segments.sync();
  const { tail, segment } = segments;
  db.run("UPDATE segment SET used_octets = ? WHERE id = ? AND used_octets <> ?", tail, segment, tail);
}

/** Stores a message once, whatever the number of rows that point at it, and counts one reference. */
export function putBlob(tx: Transaction, message: PackedMessage): { hash: BlobHash; size_octets: number } {
  const { segments, db } = tx;
  const { source } = message;
  const start = segments.tail;
  const { hash, size_octets } = source.kind === "octets" ? sumOf(source.octets) : appendFile(tx, source);
  const outline = Buffer.from(message.outline);
  const added = db.run(
    `INSERT INTO blob (hash, segment_id, start, size_octets, outline_octets, refs) VALUES (?, ?, ?, ?, ?, 1)
     ON CONFLICT (hash) DO NOTHING`,
    hash,
    segments.segment,
    start,
    size_octets,
    outline.length,
  );
  if (added === 0) {
    segments.resetTo(start);
    addReferences(tx, hash);
    return { hash, size_octets };
  }
  if (source.kind === "octets") segments.append(source.octets);
  segments.append(outline);
  return { hash, size_octets };
}

export function addReferences(tx: Transaction, hash: BlobHash, count = 1): void {
  tx.db.run("UPDATE blob SET refs = refs + ? WHERE hash = ?", count, hash);
}

/** The last reference takes the blob with it; its octets are dead until the segment is compacted. */
export function dropReference({ db }: Pick<Transaction, "db">, hash: BlobHash): void {
  const row = db.one<{ refs: number; segment_id: number; octets: number }>(
    "UPDATE blob SET refs = refs - 1 WHERE hash = ? RETURNING refs, segment_id, size_octets + outline_octets AS octets",
    hash,
  );
  if (row === undefined || row.refs > 0) return;
  db.run("DELETE FROM blob WHERE hash = ?", hash);
  db.run("UPDATE segment SET dead_octets = dead_octets + ? WHERE id = ?", row.octets, row.segment_id);
}

/** Where a message and its outline lie now. */
export function findBlob(db: Database, hash: BlobHash): { octets: Place; outline: Place } | undefined {
  const row = db.one<{ segment_id: number; start: number; size_octets: number; outline_octets: number }>(
    "SELECT segment_id, start, size_octets, outline_octets FROM blob WHERE hash = ?",
    hash,
  );
  if (row === undefined) return undefined;
  const { segment_id: segment, start, size_octets: size, outline_octets } = row;
  return {
    octets: { segment, start, length: size },
    outline: { segment, start: start + size, length: outline_octets },
  };
}

const sumOf = (octets: Uint8Array): { hash: BlobHash; size_octets: number } => ({
  hash: hashOf("sha256", octets, "buffer"),
  size_octets: octets.length,
});

/** Copies a spooled message into the segment, summing on the way. */
function appendFile(
  { segments }: Transaction,
  { path }: MessageSource & { readonly kind: "file" },
): { hash: BlobHash; size_octets: number } {
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
