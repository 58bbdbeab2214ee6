import { createHash } from "node:crypto";
import { open, type FileHandle } from "node:fs/promises";
import { segmentPath, segmentsDirectory } from "../blobs/segment-files.ts";
import { StoreError } from "../store-error.ts";
import type { BlobNumber } from "./blob-rows.ts";
import { blobKey } from "./census.ts";
import type { Database } from "./database.ts";
import { JOURNAL_INDEXED } from "./journal-index.ts";
import { JOURNAL_OCTETS } from "./journal-rows.ts";

const READ_OCTETS = 1024 * 1024;
const BLOBS_BATCH = 1000;

/** What a check of a whole store has seen. */
export type Verified = { readonly messages: number; readonly blobs: number; readonly octets: number };

/** Checks pages, references and every octet of every message; rejects with `corrupt` and what is wrong. */
export async function verify(db: Database, directory: string): Promise<Verified> {
  checkRows(db, directory);
  let blobs = 0;
  let octets = 0;
  await using files = new OneSegment(directory);
  for (let last: BlobRow | undefined; ;) {
    const rows = blobsAfter(db, last?.id ?? 0);
    for (const row of rows) {
      await checkBlob(await files.open(row.segment_id), row);
      blobs++;
      octets += row.size_octets;
    }
    last = rows.at(-1);
    if (last === undefined) break;
  }
  const messages = db.one<{ n: number }>("SELECT coalesce(sum(messages), 0) AS n FROM mailbox")?.n ?? 0;
  return { messages, blobs, octets };
}

type BlobRow = {
  readonly id: BlobNumber;
  readonly hash: Uint8Array;
  readonly segment_id: number;
  readonly start: number;
  readonly size_octets: number;
};

/** In the order of their numbers, which is mostly that of their places. */
const blobsAfter = (db: Database, id: BlobNumber): BlobRow[] =>
  db.all<BlobRow>(
    `SELECT id, hash, segment_id, start, size_octets FROM blob WHERE id > ? ORDER BY id LIMIT ${BLOBS_BATCH}`,
    id,
  );

/** The segment that was read last stays open. */
class OneSegment implements AsyncDisposable {
  readonly #directory: string;
  #segment = 0;
  #file: FileHandle | undefined;

  constructor(directory: string) {
    this.#directory = directory;
  }

  async open(segment: number): Promise<FileHandle> {
    if (this.#file !== undefined && this.#segment === segment) return this.#file;
    await this[Symbol.asyncDispose]();
    this.#segment = segment;
    return (this.#file = await openSegment(this.#directory, segment));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#file?.close();
    this.#file = undefined;
  }
}

/** Each query finds rows that must not exist; `key`: what rows of `blob` are pointed at by. */
const contradictions = (key: string): readonly (readonly [string, string])[] => [
  ["a message has no bytes", `SELECT 1 FROM message WHERE blob NOT IN (SELECT ${key} FROM blob) LIMIT 1`],
  [
    "a queued message has no bytes",
    `SELECT 1 FROM queue_entry WHERE blob NOT IN (SELECT ${key} FROM blob) LIMIT 1`,
  ],
  [
    "a message is counted wrongly by those who point at it",
    `SELECT 1 FROM blob LEFT JOIN (SELECT blob AS ${key}, count(*) AS n FROM
       (SELECT blob FROM message UNION ALL SELECT blob FROM queue_entry) GROUP BY blob) USING (${key})
     WHERE refs <> coalesce(n, 0) LIMIT 1`,
  ],
  [
    "a mailbox is counted wrongly",
    `SELECT 1 FROM mailbox b WHERE (messages, unseen, deleted, size_octets) <> (SELECT count(*),
       coalesce(sum((system_flags & 1) = 0), 0), coalesce(sum((system_flags & 8) <> 0), 0),
       coalesce(sum(size_octets), 0) FROM message WHERE mailbox_id = b.id) LIMIT 1`,
  ],
  [
    "an account's use is counted wrongly",
    `SELECT 1 FROM account a WHERE used_octets <>
       (SELECT coalesce(sum(size_octets), 0) FROM mailbox WHERE account_id = a.id) LIMIT 1`,
  ],
  [
    "a uid is beyond the next one",
    `SELECT 1 FROM mailbox b WHERE uid_next <=
       (SELECT coalesce(max(uid), 0) FROM message WHERE mailbox_id = b.id) LIMIT 1`,
  ],
  [
    "a key of the journal leads nowhere",
    "SELECT 1 FROM journal_key WHERE seq NOT IN (SELECT seq FROM journal) LIMIT 1",
  ],
  [
    "the journal is counted wrongly",
    `SELECT 1 WHERE (SELECT coalesce(sum(length(body)), 0) FROM journal WHERE seq <=
         coalesce((SELECT value FROM counter WHERE name = '${JOURNAL_INDEXED}'), ${Number.MAX_SAFE_INTEGER})) <>
       coalesce((SELECT value FROM counter WHERE name = '${JOURNAL_OCTETS}'), 0)`,
  ],
  [
    "a segment's dead octets are counted wrongly",
    `SELECT 1 FROM segment LEFT JOIN (SELECT segment_id AS id, sum(size_octets + outline_octets) AS octets
       FROM blob GROUP BY segment_id) USING (id) WHERE used_octets - dead_octets <> coalesce(octets, 0) LIMIT 1`,
  ],
];

/** Checks pages, references and counters, not the octets; a schema that has no journal yet has none to check. */
export function checkRows(db: Database, directory: string): void {
  const findings = db
    .all<{ integrity_check: string }>("PRAGMA main.integrity_check(3)")
    .map((row) => row.integrity_check);
  if (findings.join() !== "ok") throw new StoreError("corrupt", `${directory}: ${findings.join("; ")}`);
  if (db.all("PRAGMA main.foreign_key_check").length > 0) {
    throw new StoreError("corrupt", `${directory}: rows point at rows that are not there`);
  }
  const hasJournal = db.one("SELECT 1 FROM sqlite_schema WHERE name = 'journal'") !== undefined;
  for (const [finding, query] of contradictions(blobKey(db))) {
    if (!hasJournal && finding.includes("journal")) continue;
    if (db.one(query) !== undefined) throw new StoreError("corrupt", `${directory}: ${finding}`);
  }
}

async function openSegment(directory: string, segment: number): Promise<FileHandle> {
  const path = segmentPath(segmentsDirectory(directory), segment);
  try {
    return await open(path, "r");
  } catch (error) {
    throw new StoreError("corrupt", `${path} cannot be read`, undefined, { cause: error });
  }
}

async function checkBlob(file: FileHandle, { hash, start, size_octets }: BlobRow): Promise<void> {
  const sum = createHash("sha256");
  const buffer = Buffer.allocUnsafe(Math.min(READ_OCTETS, Math.max(size_octets, 1)));
  for (let done = 0; done < size_octets;) {
    const { bytesRead } = await file.read(
      buffer,
      0,
      Math.min(buffer.length, size_octets - done),
      start + done,
    );
    if (bytesRead === 0) break;
    sum.update(buffer.subarray(0, bytesRead));
    done += bytesRead;
  }
  if (!sum.digest().equals(hash)) {
    throw new StoreError("corrupt", `message ${Buffer.from(hash).toString("hex")} is damaged`);
  }
}
