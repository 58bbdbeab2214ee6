import { setImmediate as turn } from "node:timers/promises";
import type { MailboxId } from "../../base/mail-ids.ts";
import type { ExpiringMailbox, RetentionReads } from "../retention.ts";
import type { Database } from "./database.ts";
import { RETENTION_VERSION } from "./mailbox-rows.ts";
import type { Readers } from "./readers.ts";

/** Messages looked at in one turn of the loop: some milliseconds. */
const SAVED_BATCH = 10_000;

export function retentionReads(readers: Readers): RetentionReads {
  return {
    expiringMailboxes: () => readers.read(expiringMailboxes),
    savedUntil: (mailbox, at_ms, limit) => savedUntil(readers, mailbox, at_ms, limit),
    retentionVersion: () =>
      readers.read(
        (db) =>
          db.one<{ value: number }>(`SELECT value FROM counter WHERE name = '${RETENTION_VERSION}'`)?.value ??
          0,
      ),
  };
}

type RawExpiring = Omit<ExpiringMailbox, "legalHold"> & { readonly legalHold: number };

const expiringMailboxes = (db: Database): ExpiringMailbox[] =>
  db
    .all<RawExpiring>(
      `SELECT m.id, m.account_id AS account, a.login, m.name, m.keep_days AS keepDays, a.legal_hold AS legalHold
       FROM mailbox m JOIN account a ON a.id = m.account_id WHERE m.keep_days > 0 ORDER BY a.login, m.name`,
    )
    .map(({ legalHold, ...row }) => ({ ...row, legalHold: legalHold === 1 }));

/** All are looked at: a clock that once went wrong can have left the times out of order. */
async function savedUntil(
  readers: Readers,
  mailbox: MailboxId,
  at_ms: number,
  limit: number,
): Promise<Uint32Array> {
  const found: number[] = [];
  for (let after = 0; found.length < limit; await turn()) {
    const end = await readers.read(
      (db) =>
        db.one<{ uid: number | null }>(
          `SELECT max(uid) AS uid FROM
             (SELECT uid FROM message WHERE mailbox_id = ? AND uid > ? ORDER BY uid LIMIT ${SAVED_BATCH})`,
          mailbox,
          after,
        )?.uid,
    );
    if (typeof end !== "number") break;
    const rows = await readers.read((db) =>
      db.all<{ uid: number }>(
        `SELECT uid FROM message WHERE mailbox_id = ? AND uid > ? AND uid <= ? AND saved_ms <= ? ORDER BY uid LIMIT ?`,
        mailbox,
        after,
        end,
        at_ms,
        limit - found.length,
      ),
    );
    for (const { uid } of rows) found.push(uid);
    after = end;
  }
  return Uint32Array.from(found);
}
