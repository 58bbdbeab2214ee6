/** Files, directories and free space of this machine. */
import { constants, existsSync, realpathSync } from "node:fs";
import {
  access,
  chmod,
  lstat,
  mkdir,
  open,
  readdir,
  readFile,
  rename,
  rm,
  stat,
  statfs,
  writeFile,
} from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

/** Undefined where there is no such file. */
export async function readText(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}

/**
 * A file of this very user, reached without a link: what somebody else could have put there is as good as absent. Setup
 * runs as root and remembers in a directory that belongs to the server.
 */
export async function readOwnText(file: string): Promise<string | undefined> {
  const handle = await open(file, constants.O_RDONLY | constants.O_NOFOLLOW).catch(() => undefined);
  if (handle === undefined) return undefined;
  try {
    return (await handle.stat()).uid === process.geteuid?.() ? await handle.readFile("utf8") : undefined;
  } finally {
    await handle.close();
  }
}

/** A directory of this very user, made when it is not there; false where something else stands in its place. */
export async function ownDirectory(path: string): Promise<boolean> {
  await mkdir(path, { recursive: true, mode: 0o700 });
  const found = await lstat(path);
  return found.isDirectory() && found.uid === process.geteuid?.();
}

/** Written beside, on the disk before it has its name. */
export async function writeWhole(file: string, content: string, mode: number): Promise<void> {
  await mkdir(dirname(file), { recursive: true, mode: mode === 0o600 ? 0o700 : 0o755 });
  const beside = `${file}.new`;
  try {
    await writeFile(beside, content, { mode, flush: true });
    await rename(beside, file);
  } catch (error) {
    await rm(beside, { force: true }).catch(() => {});
    throw error;
  }
}

/** Permission bits and owner; undefined where there is nothing. */
export async function standingOf(
  path: string,
): Promise<{ readonly mode: number; readonly uid: number; readonly directory: boolean } | undefined> {
  const found = await stat(path).catch(() => undefined);
  return found && { mode: found.mode & 0o777, uid: found.uid, directory: found.isDirectory() };
}

export async function makeDirectory(path: string, mode: number): Promise<void> {
  await mkdir(path, { recursive: true, mode });
  await chmod(path, mode);
}

export const isReadable = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  );

/** A directory whose content this user may see. */
export const mayEnter = (directory: string): Promise<boolean> =>
  access(directory, constants.R_OK | constants.X_OK).then(
    () => true,
    () => false,
  );

export const present = (paths: readonly string[]): readonly string[] =>
  paths.filter((path) => existsSync(path));

export const entriesOf = (directory: string): Promise<readonly string[]> =>
  readdir(directory).catch(() => []);

/** Of the nearest directory that exists. */
export async function freeOctets(path: string): Promise<number | undefined> {
  let place = resolve(path);
  while (!existsSync(place) && dirname(place) !== place) place = dirname(place);
  const found = await statfs(place).catch(() => undefined);
  return found && found.bavail * found.bsize;
}

/** How this program is started again: Node, and the launcher of this very installation. */
export function ownProgram(): readonly [node: string, launcher: string] {
  const launcher = join(dirname(fileURLToPath(import.meta.url)), "../../bin/wachpost.js");
  return [realpathSync(process.execPath), realpathSync(launcher)];
}
