import { createHash } from "node:crypto";
import { closeSync, fsyncSync, openSync, readFileSync, truncateSync, writeSync } from "node:fs";
import { join } from "node:path";
import { OperatorError } from "../base/operator-error.ts";
import { giveToOwner, makeDirectory } from "../base/owner.ts";
import { acquireServerLock } from "../store/sqlite/lock.ts";

/** A message that is here: its uid, its size and the SHA-256 of its octets as they came. */
export type Moved = { readonly uid: number; readonly size_octets: number; readonly hash: string };
export type FolderRecord = {
  readonly id: string;
  validity: string;
  /** Mailbox id here, and its next uid when the folder was begun. */
  readonly mailbox: number;
  readonly firstUid: number;
  /** By the source's key. */
  readonly moved: Map<string, Moved>;
};

type Line =
  | { readonly begin: string; readonly validity: string; readonly mailbox: number; readonly firstUid: number }
  | { readonly in: string; readonly moved: readonly (readonly [key: string, ...Moved3])[] };
type Moved3 = readonly [uid: number, size_octets: number, hash: string];

const nameOf = (text: string): string => createHash("sha256").update(text).digest("hex").slice(0, 24);

/** Records of all imports into an account; they go with it. */
export const importsOf = (data: string, account: string): string => join(data, "imports", nameOf(account));

/**
 * What an import has done, line by line on disk below `DATA/imports/`, so that one that was killed goes on. A line
 * follows the commit it tells of; what was committed without its line is found in the mailbox itself.
 */
export class ImportRecord implements AsyncDisposable {
  readonly folders = new Map<string, FolderRecord>();
  readonly #fd: number;
  readonly #lock: AsyncDisposable;

  private constructor(path: string, lock: AsyncDisposable) {
    this.#lock = lock;
    this.#fd = openSync(path, "a+", 0o600);
    giveToOwner(path);
    truncateSync(path, this.#read(readFileSync(path)));
  }

  /** One import from this source into this account at a time. */
  static async open(data: string, source: string, account: string): Promise<ImportRecord> {
    const directory = join(importsOf(data, account), nameOf(source));
    makeDirectory(directory);
    const lock = await acquireServerLock(directory).catch((error: unknown) => {
      throw new OperatorError(
        "import-running",
        `Another import from ${source} into ${account} is under way.`,
        "Wait for it, or stop it; what it has done stays.",
        { cause: error },
      );
    });
    return new ImportRecord(join(directory, "moved.jsonl"), lock);
  }

  begin(id: string, validity: string, mailbox: number, firstUid: number): FolderRecord {
    this.#write({ begin: id, validity, mailbox, firstUid });
    return this.#begun(id, validity, mailbox, firstUid);
  }

  add(folder: FolderRecord, moved: readonly (readonly [key: string, one: Moved])[]): void {
    if (moved.length === 0) return;
    this.#write({
      in: folder.id,
      moved: moved.map(([key, { uid, size_octets, hash }]) => [key, uid, size_octets, hash] as const),
    });
    for (const [key, one] of moved) folder.moved.set(key, one);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    closeSync(this.#fd);
    await this.#lock[Symbol.asyncDispose]();
  }

  #write(line: Line): void {
    writeSync(this.#fd, `${JSON.stringify(line)}\n`);
    fsyncSync(this.#fd);
  }

  /** Returns the octets of whole lines: a line cut short by a crash tells nothing. */
  #read(octets: Buffer): number {
    const whole = octets.lastIndexOf(10) + 1;
    for (const text of octets.toString("utf8", 0, whole).split("\n")) {
      if (text === "") continue;
      const line = JSON.parse(text) as Line;
      if ("begin" in line) this.#begun(line.begin, line.validity, line.mailbox, line.firstUid);
      else
        for (const [key, uid, size_octets, hash] of line.moved)
          this.folders.get(line.in)?.moved.set(key, { uid, size_octets, hash });
    }
    return whole;
  }

  /** Of another validity: the keys of before say nothing any more. */
  #begun(id: string, validity: string, mailbox: number, firstUid: number): FolderRecord {
    const before = this.folders.get(id);
    const folder: FolderRecord = {
      id,
      validity,
      mailbox,
      firstUid: before?.mailbox === mailbox ? Math.min(before.firstUid, firstUid) : firstUid,
      moved: new Map(),
    };
    this.folders.set(id, folder);
    return folder;
  }
}
