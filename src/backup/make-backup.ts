import {
  accessSync,
  closeSync,
  constants,
  fsyncSync,
  openSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
} from "node:fs";
import { join, relative, resolve, sep } from "node:path";
import { OperatorError } from "../base/operator-error.ts";
import { giveToOwner, makeDirectory } from "../base/owner.ts";
import type { Census } from "../store/sqlite/census.ts";
import { withSnapshot } from "../store/sqlite/snapshot.ts";
import { archiveSize, writeArchive, type ArchiveInput } from "./archive-file.ts";
import type { ArchiveSecret } from "./archive-key.ts";
import { nameAt, outdated, parseName, type ArchiveName, type Retention } from "./retention.ts";
import { withScratch } from "./workplace.ts";
import { lastBackup, recordBackup, STATE_FILE } from "./state.ts";

export type BackupOrder = {
  readonly data: string;
  /** The server's configuration and the files it names go along, where there is one. */
  readonly configuration?: { readonly file: string; readonly named: readonly string[] };
  readonly directory: string;
  readonly secret: ArchiveSecret;
  /** Without it nothing is removed. */
  readonly keep?: Retention;
  readonly now_ms: number;
};
export type BackupMade = {
  readonly file: string;
  readonly octets: number;
  readonly removed: readonly string[];
  /** Files of the configuration that this user may not read: they are missing in the archive. */
  readonly lacking: readonly string[];
};

/** First entry of every archive: what must come back. */
export type Manifest = { readonly version: 1; readonly created: string; readonly census: Census };

/** Left by a process that died; the next backup removes it. */
const PARTIAL = ".partial";
/**
 * Not part of a backup: rows and bytes come from the snapshot, the rest can be made again. What `wachpost setup` notes
 * belongs to root, and the server that makes the backup may not read it.
 */
const LEFT_OUT =
  /^(store|spool|setup|before-upgrade|backup-[a-z]+-?.*|wachpost\.toml\.backup|named-files\.backup)$/;

/**
 * One more archive in a directory, of one moment, while the server goes on. It has its name only when it is whole and synced;
 * older ones are removed only then.
 */
export const makeBackup = (order: BackupOrder): Promise<BackupMade> =>
  withScratch(order.data, "staging", (staging) => writeBackup(order, staging));

async function writeBackup(order: BackupOrder, staging: string): Promise<BackupMade> {
  const { data, directory, secret, now_ms } = order;
  const file = join(directory, nameAt(now_ms));
  const lacking: string[] = [];
  const configuration = configurationInputs(order, lacking);
  try {
    makeDirectory(directory);
    for (const name of readdirSync(directory).filter((one) => one.endsWith(`.backup${PARTIAL}`)))
      rmSync(join(directory, name));
    const octets = await withSnapshot(join(data, "store"), staging, async ({ files, census }) => {
      const created = new Date(now_ms);
      const manifest: Manifest = { version: 1, created: created.toISOString(), census };
      const inputs = [
        ...files.map((one) => ({ ...one, name: `store/${one.name}`, mode: 0o600 })),
        ...otherFiles(data, directory),
        ...configuration,
      ];
      return writeArchive(
        `${file}${PARTIAL}`,
        created,
        secret,
        Buffer.from(JSON.stringify(manifest)),
        inputs,
      );
    });
    giveToOwner(`${file}${PARTIAL}`);
    renameSync(`${file}${PARTIAL}`, file);
    syncDirectory(directory);
    recordBackup(data, { ...lastBackup(data), at: now_ms, file, octets });
    return { file, octets, removed: removeOutdated(directory, order.keep), lacking };
  } catch (error) {
    rmSync(`${file}${PARTIAL}`, { force: true });
    throw explained(error, directory);
  }
}

function explained(error: unknown, directory: string): unknown {
  const { code, fault } = error as { code?: string; fault?: string };
  if (code !== "ENOSPC" && code !== "EDQUOT" && fault !== "full") return error;
  return new OperatorError(
    "backup-full",
    `There is not enough space for a backup in ${directory}; the older ones are as they were.`,
    "Free space there, or keep fewer: --keep-daily, --keep-weekly, --keep-monthly.",
    { cause: error },
  );
}

function removeOutdated(directory: string, keep: Retention | undefined): readonly string[] {
  if (keep === undefined) return [];
  const gone = outdated(archivesIn(directory), keep);
  for (const { name } of gone) rmSync(join(directory, name));
  return gone.map(({ name }) => name);
}

/** Archives of a directory, oldest first. */
export function archivesIn(directory: string): readonly ArchiveName[] {
  return readdirSync(directory)
    .map(parseName)
    .filter((name) => name !== undefined)
    .toSorted((a, b) => a.at_ms - b.at_ms);
}

/** The archive named, or the newest of the directory named. */
export async function archiveAt(path: string): Promise<{ readonly file: string; readonly octets: number }> {
  const facts = statSync(path, { throwIfNoEntry: false });
  const newest = facts?.isDirectory() === true ? archivesIn(path).at(-1)?.name : undefined;
  const file = newest === undefined ? path : join(path, newest);
  if (facts === undefined || (facts.isDirectory() && newest === undefined))
    throw new OperatorError(
      "no-backup",
      `There is no backup at ${path}.`,
      "Name an archive or the directory that holds them.",
    );
  return { file, octets: await archiveSize(file) };
}

/** Keys, certificates and what else lies beside the store. */
function otherFiles(data: string, directory: string): readonly ArchiveInput[] {
  const inputs: ArchiveInput[] = [];
  const walk = (path: string): void => {
    for (const entry of readdirSync(path, { withFileTypes: true })) {
      const below = join(path, entry.name);
      const top = path === data && (LEFT_OUT.test(entry.name) || entry.name.startsWith(STATE_FILE));
      if (top || resolve(below) === resolve(directory)) continue;
      if (entry.isDirectory()) walk(below);
      else if (entry.isFile()) inputs.push(input(below, relative(data, below)));
    }
  };
  walk(data);
  return inputs;
}

function input(path: string, name: string): ArchiveInput {
  const { mode, size } = statSync(path);
  return { name, path, mode: mode & 0o777, octets: size };
}

/** Under names of their own: a restored host may want others. What lies below the data is there already. */
function configurationInputs(
  { configuration, data }: BackupOrder,
  lacking: string[],
): readonly ArchiveInput[] {
  if (configuration === undefined) return [];
  const inside = `${resolve(data)}${sep}`;
  const outside = configuration.named.map((path) => resolve(path)).filter((path) => !path.startsWith(inside));
  const places: readonly (readonly [path: string, name: string])[] = [
    [configuration.file, "wachpost.toml.backup"],
    ...outside.map((path) => [path, join("named-files.backup", path)] as const),
  ];
  return places.flatMap(([path, name]) => {
    if (isReadable(path)) return [input(path, name)];
    lacking.push(path);
    return [];
  });
}

function isReadable(path: string): boolean {
  try {
    accessSync(path, constants.R_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}

function syncDirectory(directory: string): void {
  const fd = openSync(directory, "r");
  fsyncSync(fd);
  closeSync(fd);
}
