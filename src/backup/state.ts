import { existsSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { giveToOwner } from "../base/owner.ts";

/** What is known about backups of this data directory. */
export type BackupState = {
  /** When the last one was complete on its disk, milliseconds since 1970. */
  readonly at: number;
  readonly file: string;
  readonly octets: number;
  /** When one was last restored on trial, and whether everything was there. */
  readonly drillAt?: number;
  readonly drillOk?: boolean;
  readonly drillDetail?: string;
};

/** Not part of a backup: a restored host has none yet. */
export const STATE_FILE = "backup-state.json";

/** The last backup of a data directory and its last trial restore; undefined where there was none. */
export function lastBackup(data: string): BackupState | undefined {
  const file = join(data, STATE_FILE);
  if (!existsSync(file)) return undefined;
  try {
    const state = JSON.parse(readFileSync(file, "utf8")) as Partial<BackupState>;
    const { at, file: name, octets } = state;
    if (typeof at !== "number" || typeof name !== "string" || typeof octets !== "number") return undefined;
    return { ...state, at, file: name, octets };
  } catch {
    return undefined;
  }
}

/** Replaces what is known in one step. */
export function recordBackup(data: string, state: BackupState): void {
  const file = join(data, STATE_FILE);
  // Never through a link somebody left there.
  rmSync(`${file}.new`, { force: true });
  writeFileSync(`${file}.new`, `${JSON.stringify(state)}\n`, { flag: "wx", mode: 0o600 });
  giveToOwner(`${file}.new`);
  renameSync(`${file}.new`, file);
}
