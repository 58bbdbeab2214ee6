import type { NewQueueEntry } from "../store.ts";
import { dropReference, type BlobNumber, type StoredBlob } from "./blob-rows.ts";
import type { Input, LeaseInput, SettleInput } from "./operations.ts";
import type { Transaction } from "./transaction.ts";
import { deliver } from "./writes-deliver.ts";

/** The caller adds the reference to the blob. */
export function enqueue({ db }: Transaction, entry: NewQueueEntry, blob: StoredBlob): void {
  db.run(
    `INSERT INTO queue_entry (id, sender, smtp_utf8, body, ret, envid, tls, created_ms, submitter, blob, size_octets)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    entry.id,
    entry.from,
    entry.smtpUtf8 ? 1 : 0,
    entry.body,
    entry.ret ?? null,
    entry.envid ?? null,
    entry.tls ?? null,
    entry.created_ms,
    entry.submitter ?? null,
    blob.id,
    blob.size_octets,
  );
  for (const [number, { address, notify, orcpt }] of entry.recipients.entries()) {
    db.run(
      `INSERT INTO queue_recipient (entry_id, number, address, notify, orcpt_type, orcpt_address, next_attempt_ms)
       VALUES (?, ?, ?, ?, ?, ?, ?)`,
      entry.id,
      number,
      address,
      notify === undefined ? null : JSON.stringify(notify),
      orcpt?.type ?? null,
      orcpt?.address ?? null,
      entry.created_ms,
    );
  }
}

/** Ids of the entries leased, those longest due first. */
export function lease({ db }: Transaction, { now_ms, until_ms, limit }: LeaseInput): readonly string[] {
  const due = db.all<{ id: string }>(
    `SELECT e.id FROM queue_recipient r JOIN queue_entry e ON e.id = r.entry_id
     WHERE r.state = 'pending' AND r.next_attempt_ms <= ?1 AND e.held = 0 AND e.leased_until_ms <= ?1
     GROUP BY e.id ORDER BY min(r.next_attempt_ms), e.id LIMIT ?2`,
    now_ms,
    limit,
  );
  for (const { id } of due) db.run("UPDATE queue_entry SET leased_until_ms = ? WHERE id = ?", until_ms, id);
  return due.map(({ id }) => id);
}

/** An entry that has gone meanwhile (dropped by the operator) still gets its notices delivered. */
export function settle(tx: Transaction, { id, results, notices }: SettleInput): void {
  for (const result of results) {
    tx.db.run(
      `UPDATE queue_recipient SET state = ?, next_attempt_ms = ?, last_reply = ?, last_host = coalesce(?, last_host),
         delay_notice_sent = coalesce(?, delay_notice_sent), attempts = attempts + 1
       WHERE entry_id = ? AND number = ?`,
      result.state,
      result.nextAttempt_ms,
      result.lastReply,
      result.lastHost ?? null,
      result.delayNoticeSent === undefined ? null : Number(result.delayNoticeSent),
      id,
      result.index,
    );
  }
  for (const notice of notices) deliver(tx, notice);
  tx.db.run("UPDATE queue_entry SET leased_until_ms = 0 WHERE id = ?", id);
  const pending = tx.db.one("SELECT 1 FROM queue_recipient WHERE entry_id = ? AND state = 'pending'", id);
  if (pending === undefined) drop(tx, id);
}

export function flush({ db }: Transaction, { id, now_ms }: Input<"flush">): number {
  const which = id === undefined ? "entry_id IS NOT ?1" : "entry_id = ?1";
  const count = db.one<{ n: number }>(
    `SELECT count(DISTINCT entry_id) AS n FROM queue_recipient WHERE state = 'pending' AND ${which}`,
    id ?? null,
  );
  db.run(
    `UPDATE queue_recipient SET next_attempt_ms = min(next_attempt_ms, ?2) WHERE state = 'pending' AND ${which}`,
    id ?? null,
    now_ms,
  );
  return count?.n ?? 0;
}

export const hold = ({ db }: Transaction, { id, held }: Input<"hold">): boolean =>
  db.run("UPDATE queue_entry SET held = ? WHERE id = ?", held ? 1 : 0, id) > 0;

export function drop(tx: Transaction, id: string): boolean {
  const entry = tx.db.one<{ blob: BlobNumber }>("SELECT blob FROM queue_entry WHERE id = ?", id);
  if (entry === undefined) return false;
  tx.db.run("DELETE FROM queue_recipient WHERE entry_id = ?", id);
  tx.db.run("DELETE FROM queue_entry WHERE id = ?", id);
  dropReference(tx, entry.blob);
  return true;
}

export function releaseLeases({ db }: Transaction): void {
  db.run("UPDATE queue_entry SET leased_until_ms = 0 WHERE leased_until_ms <> 0");
}
