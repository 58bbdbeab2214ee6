/**
 * The store before an upgrade takes the place of the one after it, with the mail that came since. Everything is made ready beside
 * it; what turns the one into the other is a single rename of the database. Segments of both lie in one directory: no number
 * was given out twice, and no octet of either is overwritten.
 */
import { copyFileSync, linkSync, mkdirSync, renameSync, rmSync, statSync } from "node:fs";
import { giveToOwner, makeDirectory } from "../../base/owner.ts";
import { segmentsDirectory } from "../blobs/segment-files.ts";
import { syncDirectory, syncFile } from "../blobs/segment-writer.ts";
import { StoreError, toStoreError } from "../store-error.ts";
import { copyStart, type SegmentRow } from "./backup.ts";
import { carryOver, type CarriedOver } from "./carry-over.ts";
import { BUSY_TIMEOUT_MS, holdAlone, makeSingleFile, openBeside, type Database } from "./database.ts";
import { databasePath } from "./layout.ts";
import { checkBeforeWriting } from "./migrations.ts";
import { continueInFreshSegment, linkSegment, VERSION_SETTING } from "./upgrade.ts";
import { checkRows } from "./verify.ts";

/** What has been done so far, in this order. */
export type RollBackStep = "built" | "kept" | "replaced";

export type RollBackOrder = {
  readonly directory: string;
  /** The store before the upgrade; it stays as it is. */
  readonly aside: string;
  /** A directory to work in, made anew. */
  readonly work: string;
  /** Made here: the store that goes. */
  readonly after: string;
  readonly told: (step: RollBackStep) => void;
  /** Waits; see `BUSY_TIMEOUT_MS`. */
  readonly wait: (duration_ms: number) => Promise<void>;
};

export async function rollBack(order: RollBackOrder): Promise<CarriedOver> {
  const { directory, aside, work, after, told, wait } = order;
  const path = databasePath(directory);
  checkBeforeWriting(path);
  try {
    using held = holdAlone(path);
    rmSync(work, { recursive: true, force: true });
    makeDirectory(work);
    const ready = databasePath(work);
    await copyStart(databasePath(aside), ready, statSync(databasePath(aside)).size);
    giveToOwner(ready);
    const { carried, segments } = build(ready, directory);
    for (const { id, used_octets } of segments) await linkSegment(aside, directory, id, used_octets);
    syncDirectory(segmentsDirectory(directory));
    told("built");
    await keepAfter(held, directory, after);
    told("kept");
    renameSync(ready, path);
    syncDirectory(directory);
    told("replaced");
    // Who waits for the lock would go on with the file that was replaced, so nobody gets it before he has given up.
    await wait(BUSY_TIMEOUT_MS);
    return carried;
  } catch (error) {
    throw explained(error, directory);
  }
}

function build(ready: string, directory: string): { carried: CarriedOver; segments: readonly SegmentRow[] } {
  using db = openBeside(ready, databasePath(directory));
  makeSingleFile(db);
  // Not IMMEDIATE: that would ask for the other one, too, and that one is held.
  db.run("BEGIN");
  const carried = carryOver(db, VERSION_SETTING);
  const segments = db.all<SegmentRow>("SELECT id, used_octets FROM main.segment");
  continueInFreshSegment(db, directory);
  db.run("COMMIT");
  checkRows(db, directory);
  return { carried, segments };
}

/** The store that goes, for two weeks: whatever was not carried over can be looked up there. */
async function keepAfter(held: Database, directory: string, after: string): Promise<void> {
  rmSync(after, { recursive: true, force: true });
  mkdirSync(segmentsDirectory(after), { recursive: true, mode: 0o700 });
  giveToOwner(after);
  giveToOwner(segmentsDirectory(after));
  for (const { id, used_octets } of held.all<SegmentRow>("SELECT id, used_octets FROM segment"))
    await linkSegment(directory, after, id, used_octets);
  try {
    linkSync(databasePath(directory), databasePath(after));
  } catch {
    copyFileSync(databasePath(directory), databasePath(after));
    giveToOwner(databasePath(after));
    syncFile(databasePath(after));
  }
  syncDirectory(segmentsDirectory(after));
  syncDirectory(after);
}

function explained(error: unknown, directory: string): StoreError {
  const known = toStoreError(error, `rolling back the store in ${directory}`);
  if (known.fault !== "locked") return known;
  return new StoreError("locked", `${directory} is in use by another process`, undefined, { cause: error });
}
