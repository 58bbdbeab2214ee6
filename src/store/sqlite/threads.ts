import { hash } from "node:crypto";
import type { AccountId } from "../../base/mail-ids.ts";
import type { Outline } from "../../message/outline.ts";
import type { Database } from "./database.ts";
import type { Transaction } from "./transaction.ts";

/** Ids looked at per message: its own, the nearest it refers to, and the root. A hostile References cannot cost more. */
const THREAD_IDS_MAX = 20;
const ID_OCTETS_MAX = 998;

/** The ids a message is joined to a thread by, its own first, then what it refers to, nearest first. */
export function threadIdsOf(outline: Outline): readonly string[] {
  const { references, envelope } = outline;
  const near = references.slice(-(THREAD_IDS_MAX - 2)).toReversed();
  const ids: string[] = [];
  for (const id of [envelope.messageId, ...near, references[0]]) {
    const bounded = id?.slice(0, ID_OCTETS_MAX) ?? "";
    if (bounded !== "" && !ids.includes(bounded)) ids.push(bounded);
  }
  return ids;
}

/**
 * The thread of a message in its account: that of the first id already known, otherwise a new one with the number
 * `fresh`. All its ids lead there from now on, so a parent that comes late joins its children. RFC 8474 §5.2
 */
export function threadOf(
  { db }: Transaction,
  account: AccountId,
  ids: readonly string[],
  fresh: number,
): number {
  const hashes = ids.map(hash48);
  // Mostly there is its own id alone, and nobody knows it.
  const [own] = hashes;
  if (own !== undefined && hashes.length === 1 && join(db, account, own, fresh)) return fresh;
  const known = hashes.map((id) => threadBy(db, account, id));
  const thread = known.find((id) => id !== undefined) ?? fresh;
  for (const [i, id] of hashes.entries()) if (known[i] === undefined) join(db, account, id, thread);
  return thread;
}

const threadBy = (db: Database, account: AccountId, id: number): number | undefined =>
  db.one<{ thread_id: number }>("SELECT thread_id FROM thread WHERE account_id = ? AND hash = ?", account, id)
    ?.thread_id;

/** False where the id leads to a thread already. */
const join = (db: Database, account: AccountId, id: number, thread: number): boolean =>
  db.run("INSERT OR IGNORE INTO thread (account_id, hash, thread_id) VALUES (?, ?, ?)", account, id, thread) >
  0;

const hash48 = (id: string): number => Number.parseInt(hash("sha256", id, "hex").slice(0, 12), 16);
