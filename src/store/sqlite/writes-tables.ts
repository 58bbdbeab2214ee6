import type { AccessTableRow } from "../store.ts";
import type { Input } from "./operations.ts";
import type { Transaction } from "./transaction.ts";

/** Expired rows cleared away per write: more than come in, so they never gather. */
const EXPIRED_STEP = 100;

export function putAccess(tx: Transaction, row: AccessTableRow): void {
  clearExpired(tx);
  tx.db.run(
    `INSERT OR REPLACE INTO access_entry (list, key, value, reason, author, created_ms, expires_ms)
     VALUES (?, ?, ?, ?, ?, ?, ?)`,
    row.table,
    row.key,
    row.value,
    row.reason,
    row.author,
    row.created_ms,
    row.expires_ms ?? null,
  );
  newVersion(tx);
}

export function removeAccess(tx: Transaction, { table, key }: Input<"removeAccess">): boolean {
  const removed = tx.db.run("DELETE FROM access_entry WHERE list = ? AND key = ?", table, key) > 0;
  if (removed) newVersion(tx);
  return removed;
}

function clearExpired({ db, now_ms }: Transaction): void {
  db.run(
    `DELETE FROM access_entry WHERE (list, key) IN
       (SELECT list, key FROM access_entry WHERE expires_ms <= ? LIMIT ${EXPIRED_STEP})`,
    now_ms,
  );
}

function newVersion({ db }: Transaction): void {
  db.run(
    "INSERT INTO counter VALUES ('tables_version', 1) ON CONFLICT (name) DO UPDATE SET value = value + 1",
  );
}
