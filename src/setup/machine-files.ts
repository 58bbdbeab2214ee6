/** Files, directories and free space of this machine. */
import { constants, existsSync, realpathSync } from "node:fs";
import {
  access,
  chmod,
  mkdir,
  open,
  readdir,
  readFile,
  rename,
  rm,
  stat,
  statfs,
  writeFile,
  type FileHandle,
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
 * A directory of this very user, held open: its files are reached through the handle, so that whoever may write the
 * directory above can put nothing else in its place meanwhile. Setup runs as root and remembers below what the server owns.
 */
export class HeldDirectory implements AsyncDisposable {
  readonly #handle: FileHandle;
  /** The directory itself, wherever its name leads by now. */
  readonly path: string;

  private constructor(handle: FileHandle, path: string) {
    this.#handle = handle;
    this.path = path;
  }

  /** Undefined where there is none, or something else stands in its place: a link, or what belongs to another user. */
  static async open(path: string): Promise<HeldDirectory | undefined> {
    const flags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_DIRECTORY;
    const handle = await openFile(path, flags);
    if (handle === undefined) return undefined;
    const held = new HeldDirectory(handle, existsSync(OPEN_FILES) ? `${OPEN_FILES}/${handle.fd}` : path);
    if ((await handle.stat()).uid === process.geteuid?.()) return held;
    await held[Symbol.asyncDispose]();
    return undefined;
  }

  /** The same, made where there is none. */
  static async make(path: string): Promise<HeldDirectory | undefined> {
    await mkdir(dirname(path), { recursive: true, mode: 0o700 });
    await mkdir(path, { mode: 0o700 }).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== "EEXIST") throw error;
    });
    return await HeldDirectory.open(path);
  }

  /** Undefined where there is no such file, and where it is not of this very user: others may have written what it says. */
  async readText(name: string): Promise<string | undefined> {
    const handle = await openFile(join(this.path, name), constants.O_RDONLY | constants.O_NOFOLLOW);
    if (handle === undefined) return undefined;
    try {
      return (await handle.stat()).uid === process.geteuid?.() ? await handle.readFile("utf8") : undefined;
    } finally {
      await handle.close();
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#handle.close();
  }
}

const openFile = (path: string, flags: number): Promise<FileHandle | undefined> =>
  open(path, flags).catch((error: NodeJS.ErrnoException) => {
    if (["ENOENT", "ELOOP", "ENOTDIR", "EACCES"].includes(error.code ?? "")) return undefined;
    throw error;
  });

/** Where Linux shows what a process has open. proc(5) */
const OPEN_FILES = "/proc/self/fd";

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
