import { createHash } from "node:crypto";
import { closeSync, existsSync, openSync, readdirSync, readFileSync, readSync, statSync } from "node:fs";
import { open, type FileHandle } from "node:fs/promises";
import { basename, join } from "node:path";
import { OperatorError } from "../base/operator-error.ts";
import { err, ok, type Result } from "../base/result.ts";
import { listedOf, MAILBOXES_FILE, parseExported } from "./exported-mailboxes.ts";
import { planFolders, type FolderPlan, type ListedFolder } from "./folder-plan.ts";
import { MOVING_LIMITS } from "./limits.ts";
import { parseMbox, separators } from "./mboxrd.ts";
import type { OpenedFolder, Source, SourceEntry, SourceFolder, SourceMessage } from "./source.ts";

const PIECE_OCTETS = 4 * 1024 * 1024;
const DEPTH_MAX = 10;

/** One mbox file, or a directory of them: Thunderbird's `.sbd`, Apple Mail's `NAME.mbox/mbox`, our own export. */
export function mboxSource(root: string, map: ReadonlyMap<string, string>): Source {
  const facts = statSync(root, { throwIfNoEntry: false });
  const found = facts?.isFile() === true ? oneFile(root) : facts === undefined ? [] : filesBelow(root);
  if (found.length === 0)
    throw new OperatorError(
      "no-mbox",
      `There is no mbox file at ${root}.`,
      "Name a file whose first line begins with `From `, or a directory of such files.",
    );
  const listed = found.map(({ folder }) => folder);
  const subscribed = new Set(found.filter((one) => one.subscribed).map(({ folder }) => folder.name));
  const plan = planFolders(listed, { map, prefix: "", foreign: [], subscribed });
  return new MboxSource(root, plan, new Map(found.map(({ folder, path }) => [folder.name, path])));
}

type Found = { readonly path: string; readonly folder: ListedFolder; readonly subscribed: boolean };
type Range = { readonly start: number; readonly end: number };

class MboxSource implements Source {
  readonly announcesSizes = false;
  readonly name: string;
  readonly folders: Source["folders"];
  readonly skipped: Source["skipped"];
  readonly #paths: ReadonlyMap<string, string>;
  #file: FileHandle | undefined;
  #ranges: ReadonlyMap<string, Range> = new Map();

  constructor(root: string, { folders, skipped }: FolderPlan, paths: ReadonlyMap<string, string>) {
    this.name = `mbox ${root}`;
    this.folders = folders;
    this.skipped = skipped;
    this.#paths = paths;
  }

  /** A message's key is its content, and which of the same it is: what stands before it may be cut off later. */
  async open({ id }: SourceFolder): Promise<Result<OpenedFolder, string>> {
    await this.#file?.close();
    this.#file = await open(this.#paths.get(id) ?? "", "r");
    const ranges = await rangesOf(this.#file);
    if (ranges === undefined) return err("it is no mbox, or holds too many messages");
    const keys = new Map<string, Range>();
    const same = new Map<string, number>();
    for (const range of ranges) {
      const hash = await hashOf(this.#file, range);
      const nth = (same.get(hash) ?? 0) + 1;
      same.set(hash, nth);
      keys.set(`${hash}.${nth}`, range);
    }
    this.#ranges = keys;
    const entries = [...keys].map(([key, { start, end }]) => ({ key, size_octets: end - start }));
    return ok({ validity: "", entries });
  }

  async fetch(entries: readonly SourceEntry[]): Promise<readonly SourceMessage[]> {
    const messages: SourceMessage[] = [];
    for (const { key } of entries) {
      const range = this.#ranges.get(key);
      if (range === undefined || this.#file === undefined) continue;
      messages.push({ key, ...parseMbox(await readRange(this.#file, range)) });
    }
    return messages;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#file?.close();
  }
}

async function readRange(file: FileHandle, { start, end }: Range): Promise<Buffer> {
  const octets = Buffer.allocUnsafe(end - start);
  const { bytesRead } = await file.read(octets, 0, octets.length, start);
  return octets.subarray(0, bytesRead);
}

/** Without the empty lines at the end, of which the last message of a file may have fewer. */
async function hashOf(file: FileHandle, { start, end: whole }: Range): Promise<string> {
  const tail = await readRange(file, { start: Math.max(start, whole - 64), end: whole });
  const end = whole - (/[\r\n]*$/.exec(tail.toString("latin1"))?.[0].length ?? 0);
  const hash = createHash("sha256");
  for (let at = start; at < end; at += PIECE_OCTETS)
    hash.update(await readRange(file, { start: at, end: Math.min(end, at + PIECE_OCTETS) }));
  return hash.digest("hex").slice(0, 24);
}

/** Octets that must be looked at again with the next piece: an empty line and a `From ` line. */
const OVERLAP_OCTETS = 400;

/** Where each message begins and ends; undefined for a file that does not begin with one. */
async function rangesOf(file: FileHandle): Promise<readonly Range[] | undefined> {
  const { size } = await file.stat();
  const starts: number[] = [];
  for (let at = 0; at < size; at += PIECE_OCTETS) {
    const from = Math.max(0, at - OVERLAP_OCTETS);
    const end = Math.min(size, at + PIECE_OCTETS);
    const piece = await readRange(file, { start: from, end });
    for (const found of separators(piece, from === 0, end === size))
      if (from + found > (starts.at(-1) ?? -1)) starts.push(from + found);
    if (starts.length > MOVING_LIMITS.messagesOfFolder) return undefined;
  }
  if (size > 0 && starts[0] !== 0) return undefined;
  return starts.map((start, i) => ({ start, end: starts[i + 1] ?? size }));
}

const nameOf = (file: string): string => file.replace(/\.mbox$/i, "");

function oneFile(path: string): readonly Found[] {
  if (!beginsAsMbox(path)) return [];
  return [{ path, folder: listed(nameOf(basename(path))), subscribed: true }];
}

const listed = (name: string): ListedFolder => ({ name, delimiter: "/", attributes: [] });

function filesBelow(root: string): readonly Found[] {
  const exported = exportedBelow(root);
  if (exported !== undefined) return exported;
  const found: Found[] = [];
  const walk = (path: string, name: string, depth: number): void => {
    for (const entry of readdirSync(path, { withFileTypes: true })) {
      const below = join(path, entry.name);
      const level = [name, nameOf(entry.name.replace(/\.sbd$/, ""))].filter((part) => part !== "").join("/");
      const apple = entry.name === "mbox" && name !== "";
      if (entry.isDirectory() && depth < DEPTH_MAX) walk(below, level, depth + 1);
      else if (entry.isFile() && found.length < MOVING_LIMITS.folders && beginsAsMbox(below))
        found.push({ path: below, folder: listed(apple ? name : level), subscribed: true });
    }
  };
  walk(root, "", 0);
  return found;
}

function exportedBelow(root: string): readonly Found[] | undefined {
  const file = join(root, MAILBOXES_FILE);
  const mailboxes = existsSync(file) ? parseExported(readFileSync(file, "utf8")) : undefined;
  return mailboxes
    ?.filter(({ path }) => !path.includes("/") && path !== "..")
    .map((one) => ({ path: join(root, one.path), folder: listedOf(one), subscribed: one.subscribed }));
}

function beginsAsMbox(path: string): boolean {
  const fd = openSync(path, "r");
  try {
    const first = Buffer.alloc(5);
    readSync(fd, first, 0, 5, 0);
    return first.toString("latin1") === "From ";
  } finally {
    closeSync(fd);
  }
}
