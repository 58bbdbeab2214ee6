/**
 * Brings the data a server lives on to this version's schema. All of it happens under one write lock, taken before the copy
 * is made: nobody writes a message between the copy and the new schema, and a process that dies leaves the old one.
 */
import { closeSync, existsSync, linkSync, mkdirSync, openSync, rmSync, statSync } from "node:fs";
import { giveToOwner, makeDirectory } from "../../base/owner.ts";
import { segmentPath, segmentsDirectory } from "../blobs/segment-files.ts";
import { syncDirectory } from "../blobs/segment-writer.ts";
import { toStoreError } from "../store-error.ts";
import { copyRows, copyStart } from "./backup.ts";
import { blobKey, census, differences } from "./census.ts";
import { makeSingleFile, openForReading, openForWriting, type Database } from "./database.ts";
import { databasePath } from "./layout.ts";
import { checkBeforeWriting, checkVersion, migrate, migrateWithin } from "./migrations.ts";
import { checkRows } from "./verify.ts";

/** What has been done so far, in this order. */
export type UpgradeStep = "copied" | "tried" | "kept" | "migrated";

export type UpgradeOrder = {
  readonly directory: string;
  /** Made here: the store as it was. Message bytes are the same files, under a second name. */
  readonly aside: string;
  /** The copy is whole and the trial has gone well; what the caller does here stands before anything is changed. */
  readonly keep: () => void;
  readonly told: (step: UpgradeStep) => void;
};

/** The schema of a store's rows; 0: none yet. Rejects what is newer or not ours. */
export function schemaOf(directory: string): number {
  const path = databasePath(directory);
  if ((statSync(path, { throwIfNoEntry: false })?.size ?? 0) === 0) return 0;
  try {
    checkBeforeWriting(path);
    using db = openForReading(path);
    return checkVersion(db, path);
  } catch (error) {
    throw toStoreError(error, `opening the store in ${directory}`);
  }
}

/** Where the server notes which program last ran on a store. */
export const VERSION_SETTING = "program_version";

/** Which program last ran on a store, where it said so. */
export function versionIn(directory: string): string | undefined {
  using db = openForReading(databasePath(directory));
  return db.one<{ value: string }>("SELECT value FROM setting WHERE name = ?", VERSION_SETTING)?.value;
}

/** Why a trial went wrong; the data are as they were. */
export class TrialFailed extends Error {}

export async function migrateBeside({ directory, aside, keep, told }: UpgradeOrder): Promise<void> {
  const path = databasePath(directory);
  checkBeforeWriting(path);
  using db = openForWriting(path);
  try {
    db.run("BEGIN IMMEDIATE");
    await setAside(directory, aside);
    told("copied");
    await tryOn(aside);
    told("tried");
    keep();
    told("kept");
    continueInFreshSegment(db, directory);
    migrateWithin(db, path);
    db.run("COMMIT");
    told("migrated");
  } catch (error) {
    if (db.inTransaction) db.run("ROLLBACK");
    throw error instanceof TrialFailed ? error : toStoreError(error, `upgrading the store in ${directory}`);
  }
}

async function setAside(directory: string, aside: string): Promise<void> {
  mkdirSync(segmentsDirectory(aside), { recursive: true, mode: 0o700 });
  giveToOwner(aside);
  giveToOwner(segmentsDirectory(aside));
  closeSync(openSync(databasePath(aside), "wx", 0o600));
  giveToOwner(databasePath(aside));
  const segments = await copyRows(directory, aside);
  {
    using copy = openForWriting(databasePath(aside));
    makeSingleFile(copy);
  }
  for (const { id, used_octets } of segments) await linkSegment(directory, aside, id, used_octets);
  syncDirectory(segmentsDirectory(aside));
  syncDirectory(aside);
}

/** One file under two names, where the file system can; nothing to do where the name is there. */
export async function linkSegment(from: string, to: string, id: number, octets: number): Promise<void> {
  const [source, target] = [from, to].map((store) => segmentPath(segmentsDirectory(store), id));
  if (source === undefined || target === undefined || existsSync(target)) return;
  try {
    linkSync(source, target);
  } catch (error) {
    const { code = "" } = error as NodeJS.ErrnoException;
    // A segment just begun has a row before it has a file.
    if (code === "ENOENT" && octets === 0) return;
    if (!["EXDEV", "EPERM", "EMLINK", "ENOTSUP"].includes(code)) throw error;
    await copyStart(source, target, octets);
    giveToOwner(target);
  }
}

/** The migration on a second copy: it must go through, contradict itself nowhere and lose nothing. */
async function tryOn(aside: string): Promise<void> {
  const trial = `${databasePath(aside)}.trial`;
  rmSync(trial, { force: true });
  await copyStart(databasePath(aside), trial, statSync(databasePath(aside)).size);
  try {
    using before = openForReading(databasePath(aside));
    using db = openForWriting(trial);
    migrate(db, trial);
    checkRows(db, aside);
    const wrong = differences(census(before), census(db, before));
    if (wrong.length > 0) throw new TrialFailed(`afterwards ${wrong.slice(0, 5).join("; ")}`);
  } catch (error) {
    const { fault } = toStoreError(error, "trying");
    if (error instanceof TrialFailed || fault === "full") throw error;
    throw new TrialFailed(error instanceof Error ? error.message : String(error), { cause: error });
  } finally {
    for (const companion of ["", "-wal", "-shm"]) rmSync(`${trial}${companion}`, { force: true });
  }
}

/**
 * What is set aside ends where it ends now; new messages go to a file of their own, so that no octet of it is ever
 * overwritten, neither from here nor by the old program after a rollback.
 */
export function continueInFreshSegment(db: Database, directory: string): void {
  const id = db.insert("INSERT INTO segment (used_octets, dead_octets) VALUES (0, 0)");
  if (blobKey(db) === "id")
    db.run(
      "UPDATE segment SET (first_blob, next_blob) = (SELECT n, n FROM (SELECT max(1, max(next_blob)) AS n FROM segment)) WHERE id = ?",
      id,
    );
  makeDirectory(segmentsDirectory(directory));
  const path = segmentPath(segmentsDirectory(directory), id);
  rmSync(path, { force: true });
  closeSync(openSync(path, "wx", 0o600));
  giveToOwner(path);
  syncDirectory(segmentsDirectory(directory));
}
