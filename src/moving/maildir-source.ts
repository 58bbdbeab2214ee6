import { constants, existsSync, lstatSync, readdirSync, readFileSync } from "node:fs";
import { lstat, open, readdir } from "node:fs/promises";
import { join } from "node:path";
import { OperatorError } from "../base/operator-error.ts";
import { err, ok, type Result } from "../base/result.ts";
import { listedOf, MAILBOXES_FILE, parseExported, type ExportedMailbox } from "./exported-mailboxes.ts";
import { planFolders, type FolderPlan, type ListedFolder } from "./folder-plan.ts";
import { MOVING_LIMITS } from "./limits.ts";
import { flagsOfName, parseKeywords, uniqueName } from "./maildir-name.ts";
import type { OpenedFolder, Source, SourceEntry, SourceFolder, SourceMessage } from "./source.ts";

/** A Maildir with its folders: Maildir++ (`.Sent`), directories in directories, or what our own export wrote. */
export function maildirSource(root: string, map: ReadonlyMap<string, string>): Source {
  const exported = exportedBelow(root);
  const found = exported ? ofExport(exported) : foldersBelow(root);
  if (found.size === 0)
    throw new OperatorError(
      "no-maildir",
      `There is no Maildir in ${root}.`,
      "Name the directory that holds cur, new and tmp, or the one above several of them.",
    );
  const subscribed = exported
    ? new Set(exported.filter((one) => one.subscribed).map((one) => listedOf(one).name))
    : subscriptions(root);
  const listed = [...found.values()].map(({ folder }) => folder);
  const plan = planFolders(listed, { map, prefix: "", foreign: [], subscribed });
  return new MaildirSource(root, plan, found, exported !== undefined);
}

type Found = {
  readonly path: string;
  readonly folder: ListedFolder;
  readonly more?: ExportedMailbox["moreKeywords"];
};
type ByName = ReadonlyMap<string, Found>;

class MaildirSource implements Source {
  readonly announcesSizes = false;
  readonly name: string;
  readonly folders: Source["folders"];
  readonly skipped: Source["skipped"];
  readonly #root: string;
  readonly #found: ByName;
  /** Our own export: octets are taken as they are. */
  readonly #exact: boolean;
  #open: {
    readonly files: ReadonlyMap<string, string>;
    readonly keywords: readonly string[];
    readonly found?: Found;
  } = {
    files: new Map(),
    keywords: [],
  };

  constructor(root: string, { folders, skipped }: FolderPlan, found: ByName, exact: boolean) {
    this.name = `maildir ${root}`;
    this.folders = folders;
    this.skipped = skipped;
    this.#root = root;
    this.#found = found;
    this.#exact = exact;
  }

  async open({ id }: SourceFolder): Promise<Result<OpenedFolder, string>> {
    const found = this.#found.get(id);
    const directory = join(this.#root, found?.path ?? "");
    const files = new Map<string, string>();
    const entries: (SourceEntry & { readonly at_ms: number })[] = [];
    for (const kind of ["cur", "new"].filter((name) => isDirectory(join(directory, name))))
      for (const file of await namesIn(join(directory, kind))) {
        const path = join(directory, kind, file);
        const facts = await lstat(path).catch(() => undefined);
        if (facts?.isFile() !== true || files.has(uniqueName(file))) continue;
        if (entries.length >= MOVING_LIMITS.messagesOfFolder) return err("it holds too many files");
        files.set(uniqueName(file), path);
        entries.push({ key: uniqueName(file), size_octets: facts.size, at_ms: facts.mtimeMs });
      }
    this.#open = { files, keywords: keywordsIn(directory), ...(found === undefined ? {} : { found }) };
    entries.sort((a, b) => a.at_ms - b.at_ms || (a.key < b.key ? -1 : 1));
    return ok({ validity: "", entries });
  }

  async fetch(entries: readonly SourceEntry[]): Promise<readonly SourceMessage[]> {
    const messages: SourceMessage[] = [];
    for (const { key } of entries) {
      const path = this.#open.files.get(key);
      const read = path === undefined ? undefined : await readMessage(path);
      if (path === undefined || read === undefined) continue;
      const flags = flagsOfName(path, this.#open.keywords);
      const more = this.#open.found?.more?.[key] ?? [];
      messages.push({
        key,
        octets: this.#exact ? read.octets : withCrlf(read.octets),
        flags: more.length === 0 ? flags : { ...flags, keywords: [...flags.keywords, ...more].sort() },
        internalDate_ms: read.at_ms,
      });
    }
    return messages;
  }

  async [Symbol.asyncDispose](): Promise<void> {}
}

/** A file whose reader has since moved it is gone; the next run finds it. */
async function readMessage(path: string): Promise<{ octets: Buffer; at_ms: number } | undefined> {
  try {
    await using file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW);
    return { octets: await file.readFile(), at_ms: Math.round((await file.stat()).mtimeMs) };
  } catch {
    return undefined;
  }
}

/** On disk lines end in LF; in mail they end in CRLF. A file that has CRLF in its first line is as it came. */
function withCrlf(octets: Buffer): Buffer {
  const first = octets.indexOf(10);
  if (first < 0 || octets[first - 1] === 13) return octets;
  return Buffer.from(octets.toString("latin1").replace(/\r?\n/g, "\r\n"), "latin1");
}

const namesIn = (directory: string): Promise<readonly string[]> => readdir(directory).catch(() => []);

function keywordsIn(directory: string): readonly string[] {
  const file = join(directory, "dovecot-keywords");
  return existsSync(file) ? parseKeywords(readFileSync(file, "utf8")) : [];
}

function exportedBelow(root: string): readonly ExportedMailbox[] | undefined {
  const file = join(root, MAILBOXES_FILE);
  return existsSync(file) ? parseExported(readFileSync(file, "utf8")) : undefined;
}

/** Paths of an export stay inside it. */
function ofExport(mailboxes: readonly ExportedMailbox[]): ByName {
  return new Map(
    mailboxes
      .filter(({ path }) => !path.includes("/") && path !== "..")
      .map((one) => {
        const folder = listedOf(one);
        const more = one.moreKeywords === undefined ? {} : { more: one.moreKeywords };
        return [folder.name, { path: one.path, folder, ...more }] as const;
      }),
  );
}

const isMaildir = (directory: string): boolean => isDirectory(join(directory, "cur"));

/** Links are not followed: root may be importing what somebody else laid out, and a link could name another's mail. */
const isDirectory = (path: string): boolean =>
  lstatSync(path, { throwIfNoEntry: false })?.isDirectory() === true;

const DEPTH_MAX = 10;

function foldersBelow(root: string): ByName {
  const found = new Map<string, Found>();
  const add = (path: string, name: string, delimiter: string): void => {
    if (found.size < MOVING_LIMITS.folders)
      found.set(name, { path, folder: { name, delimiter, attributes: [] } });
  };
  if (isMaildir(root)) add("", "INBOX", ".");
  const walk = (path: string, depth: number): void => {
    for (const entry of readdirSync(join(root, path), { withFileTypes: true })) {
      if (!entry.isDirectory() || /^(cur|new|tmp)$/.test(entry.name)) continue;
      const below = join(path, entry.name);
      if (isMaildir(join(root, below)))
        if (entry.name.startsWith(".") && path === "") add(below, entry.name.slice(1), ".");
        else add(below, below, "/");
      if (depth < DEPTH_MAX) walk(below, depth + 1);
    }
  };
  if (existsSync(root)) walk("", 0);
  return found;
}

/** Dovecot's and Courier's file: a name a line; Dovecot's second version separates levels by tabs. */
function subscriptions(root: string): ReadonlySet<string> {
  const file = ["subscriptions", "courierimapsubscribed"].map((name) => join(root, name)).find(existsSync);
  if (file === undefined) return new Set();
  const lines = readFileSync(file, "utf8").split("\n").slice(0, MOVING_LIMITS.folders);
  return new Set(lines.map((line) => line.replaceAll("\t", ".").replace(/^INBOX\./, "")));
}
