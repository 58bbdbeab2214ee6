import { closeSync, existsSync, openSync } from "node:fs";
import type { Clock } from "../../base/clock.ts";
import type { Log } from "../../base/log.ts";
import { giveToOwner, makeDirectory } from "../../base/owner.ts";
import { segmentsDirectory } from "../blobs/segment-files.ts";
import { SegmentReader } from "../blobs/segment-reader.ts";
import { StoreError, toStoreError } from "../store-error.ts";
import type { MessageFate } from "../fate.ts";
import type { MailboxChange, Store } from "../store.ts";
import { backUp } from "./backup.ts";
import { CHANGES_DIRECTORY, DirectoryMemory } from "./directory-memory.ts";
import { storeClosed, storeOpened } from "./events.ts";
import { databasePath } from "./layout.ts";
import type { WriteReply } from "./operations.ts";
import { Readers } from "./readers.ts";
import { directoryReads } from "./reads-directory.ts";
import { journalReads } from "./reads-journal.ts";
import { mailReads } from "./reads-mail.ts";
import { queueReads } from "./reads-queue.ts";
import { reportReads } from "./reads-reports.ts";
import { retentionReads } from "./reads-retention.ts";
import { tableReads } from "./reads-tables.ts";
import {
  directoryWrites,
  journalWrites,
  mailWrites,
  queueWrites,
  reportWrites,
  retentionWrites,
  tableWrites,
  type Write,
} from "./writes.ts";
import { WriterPort } from "./writer-port.ts";

export type StoreOptions = {
  readonly directory: string;
  readonly log: Log;
  readonly clock: Clock;
  /** No writer, nothing is changed or migrated; writes are refused with `readonly`. */
  readonly readOnly?: boolean;
};

/** Opens the store in a directory; makes it where there is none. Rejects with `StoreError`. */
export async function openStore(options: StoreOptions): Promise<Store> {
  const { directory, clock, log, readOnly = false } = options;
  const path = databasePath(directory);
  const watchers = new Set<(change: MailboxChange) => void>();
  const fateWatchers = new Set<(fates: readonly MessageFate[]) => void>();
  const segments = new SegmentReader(segmentsDirectory(directory));
  const committed = ({ changes, fates, removedSegments }: Committed): void => {
    segments.forget(removedSegments);
    for (const change of changes) for (const listener of watchers) listener(change);
    if (fates.length > 0) for (const listener of fateWatchers) listener(fates);
  };
  let writer: WriterPort | undefined;
  try {
    if (readOnly) checkPresent(path);
    else writer = await startWriter(directory, clock, committed);
    const readers = new Readers(path);
    storeOpened(log, directory, readOnly);
    return storeOf(options, { readers, segments, writer, watchers, fateWatchers });
  } catch (error) {
    await writer?.[Symbol.asyncDispose]();
    throw toStoreError(error, `opening the store in ${directory}`);
  }
}

type Committed = Pick<WriteReply, "changes" | "fates" | "removedSegments">;
type Parts = {
  readonly readers: Readers;
  readonly segments: SegmentReader;
  readonly writer: WriterPort | undefined;
  readonly watchers: Set<(change: MailboxChange) => void>;
  readonly fateWatchers: Set<(fates: readonly MessageFate[]) => void>;
};

function storeOf(
  { directory, clock, log }: StoreOptions,
  { readers, segments, writer, watchers, fateWatchers }: Parts,
): Store {
  const memory = new DirectoryMemory(readers);
  const write: Write = (kind, input, transfer) => {
    const written =
      writer?.write(kind, input, transfer) ??
      Promise.reject(new StoreError("readonly", "the store was opened for reading only"));
    return CHANGES_DIRECTORY.has(kind) ? written.finally(() => memory.doubt()) : written;
  };
  return {
    directory: { ...directoryReads(readers, memory), ...directoryWrites(write) },
    mail: { ...mailReads(readers, segments), ...mailWrites(write) },
    queue: { ...queueReads(readers), ...queueWrites(write, readers, clock) },
    journal: { ...journalReads(readers), ...journalWrites(write) },
    tables: { ...tableReads(readers), ...tableWrites(write) },
    reports: { ...reportReads(readers), ...reportWrites(write) },
    retention: { ...retentionReads(readers), ...retentionWrites(write) },
    watch: (listener) => joining(watchers, listener),
    watchFates: (listener) => joining(fateWatchers, listener),
    backup: (target) => backUp({ from: directory, to: target, write }),
    async [Symbol.asyncDispose]() {
      watchers.clear();
      fateWatchers.clear();
      await writer?.[Symbol.asyncDispose]();
      readers[Symbol.dispose]();
      segments[Symbol.dispose]();
      storeClosed(log, directory);
    },
  };
}

/** In a function of its own, so that the same listener can watch twice. Returns the way to stop. */
function joining<T>(watchers: Set<(news: T) => void>, listener: (news: T) => void): () => void {
  const watcher = (news: T): void => listener(news);
  watchers.add(watcher);
  return () => void watchers.delete(watcher);
}

async function startWriter(
  directory: string,
  clock: Clock,
  committed: (reply: Committed) => void,
): Promise<WriterPort> {
  makeDirectory(directory);
  // SQLite gives its companions the mode of the main file, so that one is made first.
  closeSync(openSync(databasePath(directory), "a", 0o600));
  giveToOwner(databasePath(directory));
  return await WriterPort.start(directory, clock, committed);
}

function checkPresent(path: string): void {
  if (!existsSync(path)) throw new StoreError("io", `there is no store at ${path}`);
}
