/** The writer thread: owns every write to the store. Started by `writer-port.ts`. */
import { parentPort, receiveMessageOnPort, workerData, type MessagePort } from "node:worker_threads";
import { makeDirectory } from "../../base/owner.ts";
import { segmentsDirectory } from "../blobs/segment-files.ts";
import { SegmentWriter } from "../blobs/segment-writer.ts";
import { toStoreError } from "../store-error.ts";
import { cutOffSegment } from "./blob-rows.ts";
import { openForWriting } from "./database.ts";
import { commitGroup, commitSweep, type Files, type Operation } from "./group-commit.ts";
import { indexJournal } from "./journal-index.ts";
import { databasePath } from "./layout.ts";
import { checkBeforeWriting, makeOrRequire } from "./migrations.ts";
import type { WriteReply, WriteRequest } from "./operations.ts";
import { removeStrayFiles } from "./sweep.ts";
import { LEAVES_DIRT } from "./write-table.ts";

/** Operations in one commit; the rest waits for the next, so that other processes get their turn. */
const GROUP_MAX = 500;
/** Quiet time before tidying, and between its steps. */
const SWEEP_PAUSE_MS = 20;
/** Records gather for this long before their keys are written. */
const INDEX_PAUSE_MS = 1_000;

export type WriterStart = { readonly directory: string };
export type WriterGreeting =
  | { readonly kind: "ready" }
  | { readonly kind: "failed"; readonly fault: string; readonly message: string; readonly remedy: string };

function openFiles(directory: string): Files {
  const path = databasePath(directory);
  checkBeforeWriting(path);
  const db = openForWriting(path);
  makeOrRequire(db, path);
  const segments = segmentsDirectory(directory);
  makeDirectory(segments);
  db.run("BEGIN IMMEDIATE");
  removeStrayFiles(db, segments);
  db.run("COMMIT");
  return { db, segments: new SegmentWriter(segments) };
}

/** Everything that queued up while the last commit was syncing is the next commit. */
function serve(port: MessagePort, files: Files): void {
  let queued: Operation[] = [];
  let sweeper: NodeJS.Timeout | undefined;
  const take = ({ now_ms, operations }: WriteRequest): void => {
    for (const operation of operations) queued.push({ ...operation, now_ms });
  };
  const sweep = (): void => {
    try {
      const { more, removedSegments } = commitSweep(files, Date.now());
      if (removedSegments.length > 0)
        port.postMessage({ results: [], changes: [], fates: [], removedSegments } satisfies WriteReply);
      sweeper = more ? setTimeout(sweep, SWEEP_PAUSE_MS) : undefined;
    } catch {
      // Tidying can wait; the next write that leaves something behind tries again, and writes report the fault.
      sweeper = undefined;
    }
  };
  const close = (): void => {
    clearTimeout(sweeper);
    finishIndex(files);
    finishSegment(files);
    checkpoint(files);
    files.segments[Symbol.dispose]();
    files.db[Symbol.dispose]();
    port.close();
  };
  port.on("message", (request: WriteRequest | "close") => {
    if (request === "close") return close();
    take(request);
    while (queued.length > 0) {
      for (let next = receiveMessageOnPort(port); next; next = receiveMessageOnPort(port)) {
        take(next.message as WriteRequest);
      }
      const group = queued.slice(0, GROUP_MAX);
      queued = queued.slice(GROUP_MAX);
      port.postMessage(commitGroup(files, group));
      sweeper ??= setTimeout(
        sweep,
        group.some(({ kind }) => LEAVES_DIRT.has(kind)) ? SWEEP_PAUSE_MS : INDEX_PAUSE_MS,
      );
    }
  });
  sweeper = setTimeout(sweep, SWEEP_PAUSE_MS);
}

/** An orderly end leaves nothing to the next start. */
function finishIndex({ db }: Files): void {
  try {
    db.run("BEGIN IMMEDIATE");
    while (indexJournal(db));
    db.run("COMMIT");
  } catch {
    // The next start goes on where this one stopped.
    if (db.inTransaction) db.run("ROLLBACK");
  }
}

/** Under the lock, as others may write to the same segment. */
function finishSegment(files: Files): void {
  try {
    files.db.run("BEGIN IMMEDIATE");
    cutOffSegment(files);
    files.db.run("ROLLBACK");
  } catch {
    // Zeros behind the end harm nobody.
    if (files.db.inTransaction) files.db.run("ROLLBACK");
  }
}

/** After an orderly end the main file is complete by itself; readers still open would keep SQLite from doing this. */
function checkpoint({ db }: Files): void {
  try {
    db.raw.exec("PRAGMA busy_timeout = 0; PRAGMA wal_checkpoint(TRUNCATE)");
  } catch {
    // The log beside the file holds everything; the next start moves it.
  }
}

function start(port: MessagePort, { directory }: WriterStart): void {
  try {
    const files = openFiles(directory);
    serve(port, files);
    port.postMessage({ kind: "ready" } satisfies WriterGreeting);
  } catch (error) {
    const { fault, message, remedy } = toStoreError(error, `opening the store in ${directory}`);
    port.postMessage({ kind: "failed", fault, message, remedy } satisfies WriterGreeting);
  }
}

if (parentPort) start(parentPort, workerData as WriterStart);
