import { readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { giveToOwner, makeDirectory } from "../base/owner.ts";
import { syncDirectory, syncFile } from "../store/blobs/segment-writer.ts";
import { KEPT_MS } from "./limits.ts";

/** An upgrade as it is written down beside what it set aside. */
export type UpgradeRecord = {
  readonly at_ms: number;
  readonly fromSchema: number;
  readonly toSchema: number;
  /** Absent where the program before did not say. */
  readonly fromVersion?: string;
  readonly toVersion: string;
  readonly rolledBack_ms?: number;
};
export type SetAside = UpgradeRecord & {
  /** Its directory; `store/` in it is the store before, `after/` the store that a rollback took away. */
  readonly directory: string;
};

/** Of the data directory; not part of a backup. */
export const SET_ASIDE_DIRECTORY = "before-upgrade";
const RECORD = "upgrade.json";
/** Not whole yet: left by a process that died, removed by the next. */
const PARTIAL = ".partial";

const rootOf = (data: string): string => join(data, SET_ASIDE_DIRECTORY);

/** What is set aside, newest first. */
export function setAsides(data: string): readonly SetAside[] {
  return namesIn(rootOf(data))
    .filter((name) => !name.endsWith(PARTIAL))
    .flatMap((name) => recordIn(join(rootOf(data), name)) ?? [])
    .toSorted((a, b) => b.at_ms - a.at_ms);
}

function namesIn(directory: string): readonly string[] {
  try {
    return readdirSync(directory);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw error;
  }
}

/** Undefined where it cannot be read, whatever is in it. */
function recordIn(directory: string): SetAside | undefined {
  try {
    const found = JSON.parse(readFileSync(join(directory, RECORD), "utf8")) as Partial<UpgradeRecord>;
    const { at_ms, fromSchema, toSchema, toVersion } = found;
    if (typeof at_ms !== "number" || typeof fromSchema !== "number") return undefined;
    if (typeof toSchema !== "number" || typeof toVersion !== "string") return undefined;
    return { ...found, at_ms, fromSchema, toSchema, toVersion, directory };
  } catch {
    return undefined;
  }
}

/** A fresh directory that is nothing yet: a process that dies leaves what the next one removes. */
export function beginSetAside(data: string, at_ms: number): string {
  makeDirectory(rootOf(data));
  const directory = join(rootOf(data), `${nameAt(at_ms)}${PARTIAL}`);
  rmSync(directory, { recursive: true, force: true });
  makeDirectory(directory);
  return directory;
}

const nameAt = (at_ms: number): string => new Date(at_ms).toISOString().replaceAll(":", "-");

/** From here on it is there, whatever happens. */
export function keepSetAside(partial: string, record: UpgradeRecord): void {
  writeRecord(partial, record);
  syncDirectory(partial);
  renameSync(partial, partial.slice(0, -PARTIAL.length));
  syncDirectory(join(partial, ".."));
}

export function writeRecord(directory: string, { ...record }: UpgradeRecord): void {
  const file = join(directory, RECORD);
  rmSync(`${file}.new`, { force: true });
  writeFileSync(`${file}.new`, `${JSON.stringify({ ...record, directory: undefined })}\n`, {
    flag: "wx",
    mode: 0o600,
  });
  giveToOwner(`${file}.new`);
  syncFile(`${file}.new`);
  renameSync(`${file}.new`, file);
  syncDirectory(directory);
}

/** The store that a rollback took away. */
export const afterIn = ({ directory }: Pick<SetAside, "directory">): string => join(directory, "after");
export const storeIn = (directory: string): string => join(directory, "store");

const wasRolledBack = (one: SetAside): boolean =>
  one.rolledBack_ms !== undefined || statSync(afterIn(one), { throwIfNoEntry: false }) !== undefined;

/**
 * Removes what upgrades left that never came about: parts, and what was set aside for a schema the data still do not
 * have. Under the server's lock only.
 */
export function removeUnused(data: string, schema: number): void {
  for (const name of namesIn(rootOf(data)).filter((one) => one.endsWith(PARTIAL)))
    rmSync(join(rootOf(data), name), { recursive: true, force: true });
  for (const one of setAsides(data))
    if (one.toSchema > schema && !wasRolledBack(one)) rmSync(one.directory, { recursive: true, force: true });
}

/** Removes what is older than two weeks; returns the directories. */
export function pruneSetAsides(data: string, now_ms: number): readonly string[] {
  const old = setAsides(data).filter((one) => now_ms >= keptUntil_ms(one));
  for (const { directory } of old) rmSync(directory, { recursive: true, force: true });
  return old.map(({ directory }) => directory);
}

export const keptUntil_ms = ({ at_ms, rolledBack_ms = at_ms }: UpgradeRecord): number =>
  Math.max(at_ms, rolledBack_ms) + KEPT_MS;

/** Octets on disk that would come back: those of files that have no second name. */
export function ownOctets(directory: string): number {
  let octets = 0;
  for (const entry of readdirSync(directory, { withFileTypes: true, recursive: true })) {
    if (!entry.isFile()) continue;
    const { nlink, size } = statSync(join(entry.parentPath, entry.name));
    if (nlink === 1) octets += size;
  }
  return octets;
}
