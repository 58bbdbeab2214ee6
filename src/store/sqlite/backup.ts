import { randomUUID } from "node:crypto";
import { mkdirSync, readdirSync } from "node:fs";
import { open, type FileHandle } from "node:fs/promises";
import { backup } from "node:sqlite";
import { segmentPath, segmentsDirectory } from "../blobs/segment-files.ts";
import { syncDirectory } from "../blobs/segment-writer.ts";
import { StoreError, toStoreError } from "../store-error.ts";
import { openForReading } from "./database.ts";
import { databasePath } from "./layout.ts";
import type { Write } from "./writes.ts";

/** A backup that dies keeps segments this long from being removed; a living one renews in good time. */
export const HOLD_MS = 120_000;
export const RENEW_MS = 30_000;
/** Database pages copied per step, octets of a segment per read. */
const PAGES_STEP = 500;
const COPY_OCTETS = 1024 * 1024;

type BackUp = { readonly from: string; readonly to: string; readonly write: Write };

/**
 * A consistent copy while mail goes on: one snapshot of the rows, and of each segment the octets those rows know.
 * While it runs no segment is removed, in any process.
 */
export async function backUp({ from, to, write }: BackUp): Promise<void> {
  const id = randomUUID();
  const hold = (): Promise<void> => write("holdSegments", { id, duration_ms: HOLD_MS });
  await hold();
  const renewal = setInterval(() => void hold().catch(() => {}), RENEW_MS).unref();
  try {
    makeEmpty(to);
    const segments = await copyRows(from, to);
    for (const { id: segment, used_octets } of segments) {
      const [source, target] = [from, to].map((store) => segmentPath(segmentsDirectory(store), segment));
      await copyStart(source ?? "", target ?? "", used_octets);
    }
    syncDirectory(segmentsDirectory(to));
    syncDirectory(to);
  } catch (error) {
    throw toStoreError(error, `backing up to ${to}`);
  } finally {
    clearInterval(renewal);
    await write("releaseSegments", id).catch(() => {});
  }
}

/** Makes a store's directories; refuses one that holds anything. */
export function makeEmpty(directory: string): void {
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  if (readdirSync(directory).length > 0) {
    throw new StoreError(
      "io",
      `${directory} is not empty`,
      "Name a directory that is empty or does not exist yet.",
    );
  }
  mkdirSync(segmentsDirectory(directory), { mode: 0o700 });
}

export type SegmentRow = { readonly id: number; readonly used_octets: number };

/** The open transaction makes the copy the state of one moment, whatever is committed meanwhile. */
export async function copyRows(from: string, to: string): Promise<readonly SegmentRow[]> {
  using db = openForReading(databasePath(from));
  db.run("BEGIN");
  const segments = db.all<SegmentRow>("SELECT id, used_octets FROM segment");
  await backup(db.raw, databasePath(to), { rate: PAGES_STEP });
  db.run("COMMIT");
  return segments;
}

/** The first `octets` of a file, synced. */
export async function copyStart(from: string, to: string, octets: number): Promise<void> {
  await using source = await openSource(from);
  await using target = await open(to, "wx", 0o600);
  const buffer = Buffer.allocUnsafeSlow(Math.min(COPY_OCTETS, Math.max(octets, 1)));
  for (let done = 0; done < octets;) {
    const { bytesRead } = await source.read(buffer, 0, Math.min(buffer.length, octets - done), done);
    if (bytesRead === 0)
      throw new StoreError("corrupt", `${from} ends at ${done}, before its rows say (${octets})`);
    await target.write(buffer, 0, bytesRead, done);
    done += bytesRead;
  }
  await target.datasync();
}

/** A file that rows speak of and that is not there is damage, not a wrong name. */
async function openSource(path: string): Promise<FileHandle> {
  try {
    return await open(path, "r");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
    throw new StoreError("corrupt", `${path} is missing`, undefined, { cause: error });
  }
}
