import type { AccountId, MailboxId, ModSeq, Uid, UidValidity } from "../../base/mail-ids.ts";
import { STORE_LIMITS, type SpecialUse } from "../store.ts";
import type { Database } from "./database.ts";
import { changed, nextModSeq, RollBack, type Transaction } from "./transaction.ts";

/** What writes need to know of a mailbox. */
export type MailboxFacts = {
  readonly id: MailboxId;
  readonly account: AccountId;
  readonly name: string;
  readonly specialUse: string | null;
  readonly uidValidity: UidValidity;
  readonly uidNext: number;
  readonly messages: number;
  readonly size_octets: number;
};

export const FACTS = `SELECT id, account_id AS account, name, special_use AS specialUse, uid_validity AS uidValidity, uid_next AS uidNext,
  messages, size_octets FROM mailbox`;

export const mailboxFacts = ({ db }: Transaction, id: MailboxId): MailboxFacts | undefined =>
  db.one<MailboxFacts>(`${FACTS} WHERE id = ?`, id);

export const mailboxNamed = (
  { db }: Transaction,
  account: AccountId,
  name: string,
): MailboxFacts | undefined =>
  db.one<MailboxFacts>(`${FACTS} WHERE account_id = ? AND name = ?`, account, name);

/** Makes a mailbox and the parents it lacks. Its uidvalidity was never any other mailbox's. */
export function makeMailbox(
  tx: Transaction,
  account: AccountId,
  name: string,
  specialUse?: SpecialUse,
): MailboxId {
  const slash = name.lastIndexOf("/");
  if (slash > 0) {
    const parent = name.slice(0, slash);
    if (mailboxNamed(tx, account, parent) === undefined) makeMailbox(tx, account, parent);
  }
  const count =
    tx.db.one<{ n: number }>("SELECT count(*) AS n FROM mailbox WHERE account_id = ?", account)?.n ?? 0;
  if (count >= STORE_LIMITS.mailboxesPerAccount) throw new RollBack("mailbox-limit");
  const modSeq = nextModSeq(tx, account);
  const id = tx.db.insert(
    "INSERT INTO mailbox (account_id, name, special_use, uid_validity, mod_seq) VALUES (?, ?, ?, ?, ?)",
    account,
    name,
    specialUse ?? null,
    nextUidValidity(tx),
    modSeq,
  ) as MailboxId;
  changed(tx, account, id, modSeq);
  return id;
}

/** Seconds since 1970, but always above the last one given out, whatever the clock says. */
function nextUidValidity({ db, now_ms }: Transaction): number {
  const now_s = Math.floor(now_ms / 1000);
  const row = db.one<{ value: number }>(
    `INSERT INTO counter VALUES ('uid_validity', ?1)
     ON CONFLICT (name) DO UPDATE SET value = max(value + 1, ?1) RETURNING value`,
    now_s,
  );
  return row?.value ?? now_s;
}

/** What a write did to a mailbox, to be added to its counters. */
export type MailboxTally = { messages: number; unseen: number; deleted: number; size_octets: number };
export const emptyTally = (): MailboxTally => ({ messages: 0, unseen: 0, deleted: 0, size_octets: 0 });

/** Counts one message with these flags in (`by` 1) or out (-1). */
export function tally(sum: MailboxTally, by: 1 | -1, systemFlags: number, size_octets: number): void {
  sum.messages += by;
  sum.size_octets += by * size_octets;
  if ((systemFlags & 1) === 0) sum.unseen += by;
  if ((systemFlags & 8) !== 0) sum.deleted += by;
}

/** Brings a mailbox's counters, its modseq and its account's use up to date, and tells who watches. */
export function settleMailbox(
  tx: Transaction,
  mailbox: Pick<MailboxFacts, "id" | "account">,
  sum: MailboxTally,
  modSeq: ModSeq,
  uidNext = 0,
): void {
  writeTally(tx.db, mailbox.id, sum, modSeq, uidNext);
  if (sum.size_octets !== 0) addUse(tx, mailbox.account, sum.size_octets);
  changed(tx, mailbox.account, mailbox.id, modSeq);
}

export function writeTally(
  db: Database,
  mailbox: MailboxId,
  sum: MailboxTally,
  modSeq: ModSeq,
  uidNext: number,
): void {
  db.run(
    `UPDATE mailbox SET messages = messages + ?, unseen = unseen + ?, deleted = deleted + ?,
       size_octets = size_octets + ?, mod_seq = ?, uid_next = max(uid_next, ?) WHERE id = ?`,
    sum.messages,
    sum.unseen,
    sum.deleted,
    sum.size_octets,
    modSeq,
    uidNext,
    mailbox,
  );
}

export function addUse({ db }: Transaction, account: AccountId, octets: number): void {
  db.run("UPDATE account SET used_octets = used_octets + ? WHERE id = ?", octets, account);
}

/** False when the account has a quota and `octets` more would pass it; undefined when there is no such account. */
export function hasRoom({ db }: Transaction, account: AccountId, octets: number): boolean | undefined {
  const row = db.one<Use>("SELECT quota_octets, used_octets FROM account WHERE id = ?", account);
  return row && fits(row, octets);
}

type Use = { readonly quota_octets: number; readonly used_octets: number };
export const fits = ({ quota_octets, used_octets }: Use, octets: number): boolean =>
  quota_octets === 0 || used_octets + octets <= quota_octets;

/** A uid beyond 2^32-1 cannot be named in IMAP; four thousand million messages into one mailbox are a fault. */
export function checkUid(uid: number): Uid {
  if (uid > 0xffffffff) throw new Error("the mailbox has used all its uids");
  return uid as Uid;
}

export const RETENTION_VERSION = "retention_version";

export function raiseRetentionVersion({ db }: Transaction): void {
  db.run(
    `INSERT INTO counter VALUES ('${RETENTION_VERSION}', 1) ON CONFLICT (name) DO UPDATE SET value = value + 1`,
  );
}
