import { rmSync } from "node:fs";
import type { MailboxId } from "../../base/mail-ids.ts";
import { segmentPath } from "../blobs/segment-files.ts";
import type { SegmentWriter } from "../blobs/segment-writer.ts";
import { toStoreError } from "../store-error.ts";
import type { MessageFate } from "../fate.ts";
import type { MailboxChange } from "../store.ts";
import { beginSegment, endSegment } from "./blob-rows.ts";
import type { Database } from "./database.ts";
import type { OperationResult, WriteReply, WriteRequest } from "./operations.ts";
import { sweepStep, type Swept } from "./sweep.ts";
import { RollBack, type Transaction } from "./transaction.ts";
import { perform } from "./write-table.ts";

export type Operation = WriteRequest["operations"][number] & { readonly now_ms: number };

/** The two halves of the store a write touches. */
export type Files = { readonly db: Database; readonly segments: SegmentWriter };

/**
 * Performs operations in one transaction: each in a savepoint of its own, so that one that fails takes no other along;
 * bytes synced before the rows are committed. Never throws: where the commit fails, all of them have failed.
 */
export function commitGroup(files: Files, operations: readonly Operation[]): WriteReply {
  const changes = new Map<MailboxId, MailboxChange>();
  const fates: MessageFate[] = [];
  try {
    begin(files);
    const results = operations.map((operation) => {
      const tx: Transaction = { ...files, changes, fates: [], now_ms: operation.now_ms };
      const result = performAlone(tx, operation);
      fates.push(...tx.fates);
      return result;
    });
    end(files);
    return { results, changes: [...changes.values()], fates, removedSegments: [] };
  } catch (error) {
    rollBack(files.db);
    return {
      results: operations.map(({ id }) => failed(id, error, "writing to the store")),
      changes: [],
      fates: [],
      removedSegments: [],
    };
  }
}

/** A step of tidying, in a transaction of its own. Files go after the commit that forgot them. */
export function commitSweep(files: Files, now_ms: number): Swept {
  try {
    begin(files);
    const swept = sweepStep({ ...files, changes: new Map(), fates: [], now_ms });
    end(files);
    for (const segment of swept.removedSegments) {
      rmSync(segmentPath(files.segments.directory, segment), { force: true });
    }
    return swept;
  } catch (error) {
    rollBack(files.db);
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

function rollBack(db: Database): void {
  if (db.inTransaction) db.run("ROLLBACK");
}

function performAlone(tx: Transaction, { id, kind, input }: Operation): OperationResult {
  const { db, segments } = tx;
  const tail = segments.tail;
  const changes = new Map(tx.changes);
  db.run("SAVEPOINT operation");
  try {
    const output = perform(tx, kind, input);
    db.run("RELEASE operation");
    return { id, ok: true, output };
  } catch (error) {
    // A full disk or a broken file ends the whole transaction; then there is nothing to go back to.
    if (!db.inTransaction) throw error;
    db.run("ROLLBACK TO operation");
    db.run("RELEASE operation");
    segments.resetTo(tail);
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
