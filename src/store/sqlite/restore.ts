import { mkdirSync, rmSync, statSync } from "node:fs";
import { segmentPath, segmentsDirectory } from "../blobs/segment-files.ts";
import { syncDirectory } from "../blobs/segment-writer.ts";
import { StoreError, toStoreError } from "../store-error.ts";
import { copyStart, makeEmpty, type SegmentRow } from "./backup.ts";
import { census, type Census } from "./census.ts";
import { openForReading, openForWriting, type Database } from "./database.ts";
import { databasePath } from "./layout.ts";
import { checkBeforeWriting, migrate } from "./migrations.ts";
import { verify, type Verified } from "./verify.ts";

/**
 * Numbers left out after a restore: what was given out after the backup is unknown and must not be given out again.
 * Uids per mailbox, modseqs per account, uidvalidities.
 */
const UID_GAP = 100_000;
const MOD_SEQ_GAP = 2 ** 32;
const UID_VALIDITY_GAP = 100_000;

/**
 * Copies a backup to an empty directory, checks every row and every octet, and readies it for service. Uids, flags
 * and uidvalidities are those of the backup; new messages get uids that no message had, also after the backup.
 * Rejects with `StoreError` and leaves the target empty. RFC 9051 §2.3.1.1
 */
export async function restore(from: string, to: string): Promise<Verified> {
  checkBackup(from);
  makeEmpty(to);
  try {
    const size = statSync(databasePath(from)).size;
    await copyStart(databasePath(from), databasePath(to), size);
    for (const { id, used_octets } of segmentsOf(to)) {
      const [source, target] = [from, to].map((store) => segmentPath(segmentsDirectory(store), id));
      await copyStart(source ?? "", target ?? "", used_octets);
    }
    const { verified } = await finishRestore(to);
    return verified;
  } catch (error) {
    rmSync(to, { recursive: true, force: true });
    throw toStoreError(error, `restoring ${from}`);
  }
}

function segmentsOf(directory: string): readonly SegmentRow[] {
  using db = openForReading(databasePath(directory));
  return db.all<SegmentRow>("SELECT id, used_octets FROM segment");
}

/**
 * Readies files that were copied into place: brings them to this version's schema, checks every row and every octet,
 * leaves the gap. The census is that of the copy, before the gap.
 */
export async function finishRestore(
  directory: string,
): Promise<{ readonly verified: Verified; readonly census: Census }> {
  const path = databasePath(directory);
  mkdirSync(segmentsDirectory(directory), { recursive: true, mode: 0o700 });
  checkBeforeWriting(path);
  using db = openForWriting(path);
  migrate(db, path);
  const verified = await verify(db, directory);
  const found = census(db);
  db.run("BEGIN IMMEDIATE");
  skipNumbers(db);
  db.run("COMMIT");
  syncDirectory(segmentsDirectory(directory));
  syncDirectory(directory);
  return { verified, census: found };
}

/** Brings a copy of a store to this version's schema, so that it can be read; nobody lives on it. */
export function bringToDate(directory: string): void {
  const path = databasePath(directory);
  checkBeforeWriting(path);
  using db = openForWriting(path);
  migrate(db, path);
}

function checkBackup(from: string): void {
  if (statSync(databasePath(from), { throwIfNoEntry: false }) === undefined) {
    throw new StoreError(
      "io",
      `there is no backup in ${from}`,
      "Name the directory a backup was written to.",
    );
  }
}

/**
 * Leaves out the numbers that may have been given out since. Older views learn from the floor which uids are gone:
 * everything below uidnext that is not there.
 */
export function skipNumbers(db: Database): void {
  db.raw.exec(`
    UPDATE account SET mod_seq = mod_seq + ${MOD_SEQ_GAP};
    UPDATE mailbox SET uid_next = min(uid_next + ${UID_GAP}, 4294967295), vanished = 0,
      mod_seq = (SELECT mod_seq FROM account WHERE id = account_id),
      vanished_floor = (SELECT mod_seq FROM account WHERE id = account_id);
    DELETE FROM vanished;
    UPDATE counter SET value = value + ${UID_VALIDITY_GAP} WHERE name = 'uid_validity';
    DELETE FROM hold;
    UPDATE queue_entry SET leased_until_ms = 0`);
}
