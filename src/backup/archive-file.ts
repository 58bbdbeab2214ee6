/** An archive: a header anyone may read, then sealed pieces; in them one file after the other, the manifest first. */
import { createReadStream, mkdirSync } from "node:fs";
import { open, stat, type FileHandle } from "node:fs/promises";
import { dirname, join } from "node:path";
import { OperatorError } from "../base/operator-error.ts";
import { archiveKey, newRecipe, type ArchiveSecret, type KeyRecipe } from "./archive-key.ts";
import { ARCHIVE_LIMITS } from "./limits.ts";
import { LENGTH_OCTETS, Opener, Sealer, SEALED_MAX_OCTETS } from "./sealing.ts";

const MAGIC = "WACHPOST-BACKUP-1\n";

/** A file to put in: `octets` of it, whatever has been added since. */
export type ArchiveInput = {
  readonly name: string;
  readonly mode: number;
  readonly octets: number;
  readonly path: string;
};
type EntryHead = { readonly name: string; readonly mode: number; readonly octets: number };
type Header = { readonly version: 1; readonly created: string; readonly key: KeyRecipe };

/** Writes an archive, synced; resolves with its size. The file must not exist. */
export async function writeArchive(
  path: string,
  created: Date,
  secret: ArchiveSecret,
  manifest: Buffer,
  files: readonly ArchiveInput[],
): Promise<number> {
  const header: Header = { version: 1, created: created.toISOString(), key: newRecipe(secret) };
  const head = Buffer.from(`${MAGIC}${JSON.stringify(header)}\n`);
  await using file = await open(path, "wx", 0o600);
  const sealer = new Sealer(await archiveKey(secret, header.key), head);
  await file.writeFile(head);
  const put = async (octets: Buffer): Promise<void> => {
    for (const sealed of sealer.push(octets)) await file.writeFile(sealed);
  };
  await put(entryHead({ name: "manifest.json", mode: 0o600, octets: manifest.length }));
  await put(manifest);
  for (const input of files) {
    await put(entryHead(input));
    await putFile(input, put);
  }
  await file.writeFile(sealer.end());
  await file.sync();
  return (await file.stat()).size;
}

function entryHead({ name, mode, octets }: EntryHead): Buffer {
  const json = Buffer.from(JSON.stringify({ name, mode, octets }));
  const length = Buffer.alloc(LENGTH_OCTETS);
  length.writeUInt32BE(json.length);
  return Buffer.concat([length, json]);
}

async function putFile({ path, octets }: ArchiveInput, put: (piece: Buffer) => Promise<void>): Promise<void> {
  if (octets === 0) return;
  let done = 0;
  for await (const piece of createReadStream(path, {
    end: octets - 1,
    highWaterMark: ARCHIVE_LIMITS.chunk_octets,
  })) {
    done += (piece as Buffer).length;
    await put(piece as Buffer);
  }
  if (done !== octets)
    throw new OperatorError(
      "backup-source",
      `${path} became shorter while it was read.`,
      "Look at the system log for disk errors, then try again.",
    );
}

/** A file coming out; its octets are authenticated. */
export type ArchiveEntry = EntryHead & {
  /** Must be read to its end before the next entry. */
  readonly read: () => AsyncGenerator<Buffer>;
};

/** The entries of an archive in their order. Throws `OperatorError` where anything is not as it was written. */
export async function* readArchive(path: string, secret: ArchiveSecret): AsyncGenerator<ArchiveEntry> {
  await using file = await openArchive(path);
  const { head, header } = await readHeader(file, path);
  const opener = new Opener(await archiveKey(secret, header.key), head);
  const stream = new Pieces(pieces(file, head.length, opener, path), path);
  for (;;) {
    const length = await stream.exactly(LENGTH_OCTETS, true);
    if (length === undefined) return;
    const size = length.readUInt32BE();
    if (size > ARCHIVE_LIMITS.entryHead_octets) throw damaged(path, "an entry has no head");
    const entry = parseEntry((await stream.exactly(size, false)) ?? Buffer.alloc(0), path);
    yield { ...entry, read: () => stream.some(entry.octets) };
  }
}

async function openArchive(path: string): Promise<FileHandle> {
  try {
    return await open(path, "r");
  } catch (error) {
    throw new OperatorError(
      "no-backup",
      `${path} cannot be read: ${error instanceof Error ? error.message : String(error)}.`,
      "Name an archive that `wachpost backup` wrote, or the directory that holds them.",
    );
  }
}

async function readHeader(file: FileHandle, path: string): Promise<{ head: Buffer; header: Header }> {
  const start = Buffer.alloc(ARCHIVE_LIMITS.header_octets);
  const { bytesRead } = await file.read(start, 0, start.length, 0);
  const end = start.subarray(0, bytesRead).indexOf("\n", MAGIC.length);
  if (start.toString("latin1", 0, MAGIC.length) !== MAGIC || end < 0)
    throw damaged(path, "it does not begin as an archive");
  const head = Buffer.from(start.subarray(0, end + 1));
  try {
    const header = JSON.parse(head.toString("utf8", MAGIC.length)) as Header;
    if (header.version === 1 && typeof header.key.salt === "string") return { head, header };
  } catch {
    // Said below.
  }
  throw damaged(path, "its header is unreadable");
}

async function* pieces(
  file: FileHandle,
  start: number,
  opener: Opener,
  path: string,
): AsyncGenerator<Buffer> {
  const { size } = await file.stat();
  for (let at = start; at < size;) {
    const length = await exactlyAt(file, at, LENGTH_OCTETS);
    const octets = length?.readUInt32BE() ?? 0;
    at += LENGTH_OCTETS + octets;
    const sealed = octets > SEALED_MAX_OCTETS ? undefined : await exactlyAt(file, at - octets, octets);
    if (sealed === undefined) throw damaged(path, `it is cut off or changed in piece ${opener.number + 1}`);
    const opened = opener.open(sealed, at >= size);
    if (opened === undefined)
      throw damaged(
        path,
        `piece ${opener.number + 1} is not what was written${at >= size ? ", or the end is missing" : ""}`,
      );
    yield opened;
  }
  if (opener.number === 0) throw damaged(path, "it ends after its header");
}

async function exactlyAt(file: FileHandle, at: number, octets: number): Promise<Buffer | undefined> {
  const buffer = Buffer.allocUnsafe(octets);
  const { bytesRead } = await file.read(buffer, 0, octets, at);
  return bytesRead === octets ? buffer : undefined;
}

/** A stream of pieces, read in portions of other sizes. */
class Pieces {
  readonly #source: AsyncGenerator<Buffer>;
  readonly #path: string;
  #rest: Buffer = Buffer.alloc(0);

  constructor(source: AsyncGenerator<Buffer>, path: string) {
    this.#source = source;
    this.#path = path;
  }

  /** Undefined where the archive ends here, if it may. */
  async exactly(octets: number, mayEnd: boolean): Promise<Buffer | undefined> {
    const parts: Buffer[] = [];
    for await (const part of this.some(octets, mayEnd)) parts.push(part);
    const all = Buffer.concat(parts);
    return mayEnd && all.length === 0 && octets > 0 ? undefined : all;
  }

  async *some(octets: number, mayEnd = false): AsyncGenerator<Buffer> {
    for (let left = octets; left > 0;) {
      if (this.#rest.length === 0) {
        const next = await this.#source.next();
        if (next.done === true) {
          if (mayEnd && left === octets) return;
          throw damaged(this.#path, "it ends inside a file");
        }
        this.#rest = next.value;
        continue;
      }
      const part = this.#rest.subarray(0, left);
      this.#rest = this.#rest.subarray(part.length);
      left -= part.length;
      yield part;
    }
  }
}

/** Names stay below the directory they are put in. */
function parseEntry(json: Buffer, path: string): EntryHead {
  try {
    const { name, mode, octets } = JSON.parse(json.toString("utf8")) as Partial<EntryHead>;
    if (typeof name === "string" && typeof mode === "number" && Number.isSafeInteger(octets) && isBelow(name))
      return { name, mode: mode & 0o777, octets: octets ?? 0 };
  } catch {
    // Said below.
  }
  throw damaged(path, "an entry has no head");
}

const isBelow = (name: string): boolean =>
  name !== "" && !name.startsWith("/") && !name.split("/").some((part) => part === ".." || part === "");

/** Writes one entry below a directory, synced. */
export async function extractEntry(entry: ArchiveEntry, directory: string): Promise<void> {
  const path = join(directory, entry.name);
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  await using file = await open(path, "wx", entry.mode);
  for await (const piece of entry.read()) await file.writeFile(piece);
  await file.datasync();
}

export const archiveSize = async (path: string): Promise<number> => (await stat(path)).size;

const damaged = (path: string, how: string): OperatorError =>
  new OperatorError(
    "backup-damaged",
    `The archive ${path} is damaged: ${how}. Nothing was restored from it.`,
    "Take another archive; `wachpost backup list` shows them.",
  );
