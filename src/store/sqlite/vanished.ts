import { setImmediate as turn } from "node:timers/promises";
import type { MailboxId, Uid } from "../../base/mail-ids.ts";
import type { Database } from "./database.ts";

const ROWS_BATCH = 20_000;

/**
 * Uids a view of this age knows and must forget, ascending. Exact while the tombstones reach back that far;
 * for older views everything below `uid_next` that is not there. RFC 7162 §3.2.5
 */
export async function vanishedSince(
  db: Database,
  mailbox: MailboxId,
  since: number,
  facts: { readonly uid_next: number; readonly vanished_floor: number },
): Promise<readonly Uid[]> {
  if (since < facts.vanished_floor) return await absentUids(db, mailbox, facts.uid_next);
  return db
    .all<{ uid: Uid }>(
      "SELECT uid FROM vanished WHERE mailbox_id = ?1 AND mod_seq > ?2 AND appeared <= ?2 ORDER BY uid",
      mailbox,
      since,
    )
    .map(({ uid }) => uid);
}

async function absentUids(db: Database, mailbox: MailboxId, uidNext: number): Promise<readonly Uid[]> {
  const absent: Uid[] = [];
  let next = 1;
  const skipTo = (uid: number): void => {
    while (next < uid) absent.push(next++ as Uid);
    next = uid + 1;
  };
  for (;;) {
    const rows = db.all<{ uid: number }>(
      `SELECT uid FROM message WHERE mailbox_id = ? AND uid >= ? ORDER BY uid LIMIT ${ROWS_BATCH}`,
      mailbox,
      next,
    );
    for (const { uid } of rows) skipTo(uid);
    if (rows.length < ROWS_BATCH) break;
    await turn();
  }
  skipTo(uidNext);
  return absent;
}
