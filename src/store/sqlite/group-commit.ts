import { rmSync } from "node:fs";
import type { MailboxId } from "../../base/mail-ids.ts";
import { segmentPath } from "../blobs/segment-files.ts";
import type { SegmentWriter } from "../blobs/segment-writer.ts";
import { toStoreError } from "../store-error.ts";
import type { MessageFate } from "../fate.ts";
import type { MailboxChange } from "../store.ts";
import { beginSegment, endSegment } from "./blob-rows.ts";
import type { Database } from "./database.ts";
import { Ledger } from "./ledger.ts";
import type { OperationResult, WriteReply, WriteRequest } from "./operations.ts";
import { sweepStep, type Swept } from "./sweep.ts";
import { RollBack, type Transaction } from "./transaction.ts";
import { perform } from "./write-table.ts";

export type Operation = WriteRequest["operations"][number] & { readonly now_ms: number };

/** The two halves of the store a write touches. */
export type Files = { readonly db: Database; readonly segments: SegmentWriter };

/**
 * Performs operations in one transaction, bytes synced before the rows are committed. Where one fails, all begin again
 * with each in a savepoint of its own, so that it takes no other along: that is rare, and savepoints are not free.
 * Never throws: where the commit fails, all of them have failed.
 */
export function commitGroup(files: Files, operations: readonly Operation[]): WriteReply {
  try {
    return commit(files, operations, performPlainly);
  } catch {
    rollBack(files);
  }
  try {
    return commit(files, operations, performAlone);
  } catch (error) {
    rollBack(files);
    return {
      results: operations.map(({ id }) => failed(id, error, "writing to the store")),
      changes: [],
      fates: [],
      removedSegments: [],
    };
  }
}

type Performing = (tx: Transaction, operation: Operation) => OperationResult;

function commit(files: Files, operations: readonly Operation[], performing: Performing): WriteReply {
  const changes = new Map<MailboxId, MailboxChange>();
  const fates: MessageFate[] = [];
  const ledger = new Ledger(files.db);
  begin(files);
  const results = operations.map((operation) => {
    const tx: Transaction = {
      ...files,
      ledger,
      changes,
      fates: [],
      now_ms: operation.now_ms,
    };
    const result = performing(tx, operation);
    fates.push(...tx.fates);
    return result;
  });
  ledger.writeOut();
  end(files);
  return { results, changes: [...changes.values()], fates, removedSegments: [] };
}

/** A step of tidying, in a transaction of its own. Files go after the commit that forgot them. */
export function commitSweep(files: Files, now_ms: number): Swept {
  try {
    begin(files);
    const ledger = new Ledger(files.db);
    const swept = sweepStep({
      ...files,
      ledger,
      changes: new Map(),
      fates: [],
      now_ms,
    });
    end(files);
    for (const segment of swept.removedSegments) {
      rmSync(segmentPath(files.segments.directory, segment), { force: true });
    }
    return swept;
  } catch (error) {
    rollBack(files);
    throw error;
  }
}

function begin(files: Files): void {
  files.db.run("BEGIN IMMEDIATE");
  beginSegment(files);
}

function end(files: Files): void {
  endSegment(files);
  files.db.run("COMMIT");
}

/** The file of a segment whose row is undone is a stray one, which another process may remove: it is opened again. */
function rollBack({ db, segments }: Files): void {
  segments[Symbol.dispose]();
  if (db.inTransaction) db.run("ROLLBACK");
}

const performPlainly: Performing = (tx, { id, kind, input }) => {
  if (kind !== "deliver") tx.ledger.writeOut();
  return { id, ok: true, output: perform(tx, kind, input) };
};

function performAlone(tx: Transaction, { id, kind, input }: Operation): OperationResult {
  const { db, segments, ledger } = tx;
  const tail = segments.tail;
  const changes = new Map(tx.changes);
  db.run("SAVEPOINT operation");
  try {
    const output = perform(tx, kind, input);
    ledger.writeOut();
    db.run("RELEASE operation");
    return { id, ok: true, output };
  } catch (error) {
    // A full disk or a broken file ends the whole transaction; then there is nothing to go back to.
    if (!db.inTransaction) throw error;
    db.run("ROLLBACK TO operation");
    db.run("RELEASE operation");
    segments.resetTo(tail);
    ledger.forget();
    restore(tx.changes, changes);
    tx.fates.length = 0;
    if (error instanceof RollBack) return { id, ok: true, output: { ok: false, error: error.refusal } };
    return failed(id, error, kind);
  }
}

function restore<K, V>(map: Map<K, V>, before: ReadonlyMap<K, V>): void {
  map.clear();
  for (const [key, value] of before) map.set(key, value);
}

function failed(id: number, error: unknown, doing: string): OperationResult {
  const { fault, message, remedy } = toStoreError(error, doing);
  return { id, ok: false, fault, message, remedy };
}
