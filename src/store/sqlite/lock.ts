import { closeSync, openSync, readFileSync, writeFileSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { giveToOwner, makeDirectory } from "../../base/owner.ts";
import { StoreError, toStoreError } from "../store-error.ts";
import { lockPath, lockHolderPath } from "./layout.ts";

/**
 * Keeps a second server off the same data: a transaction in a small file of its own, held open. The system frees it
 * with the process, however that ends. Rejects with `locked`, naming the process that holds it.
 */
export async function acquireServerLock(directory: string): Promise<AsyncDisposable> {
  let db: DatabaseSync | undefined;
  try {
    makeDirectory(directory);
    closeSync(openSync(lockPath(directory), "a", 0o600));
    giveToOwner(lockPath(directory));
    db = new DatabaseSync(lockPath(directory), { timeout: 0 });
    db.exec("PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE");
    writeFileSync(lockHolderPath(directory), `${process.pid}\n`, { mode: 0o600 });
    giveToOwner(lockHolderPath(directory));
  } catch (error) {
    db?.close();
    const { fault } = toStoreError(error, "locking");
    if (fault !== "locked") throw toStoreError(error, `locking ${directory}`);
    throw new StoreError("locked", `${directory} is used by another server, ${holderOf(directory)}`);
  }
  const held = db;
  return {
    async [Symbol.asyncDispose]() {
      if (held.isOpen) held.close();
    },
  };
}

/** Read from a file beside the lock: the locked file itself cannot be read while it is locked. */
function holderOf(directory: string): string {
  try {
    return `process ${Number.parseInt(readFileSync(lockHolderPath(directory), "utf8"), 10)}`;
  } catch {
    return "its process unknown";
  }
}
