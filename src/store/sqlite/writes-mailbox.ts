import type { AccountId, MailboxId } from "../../base/mail-ids.ts";
import type { MailResult } from "../store.ts";
import {
  addUse,
  mailboxFacts,
  mailboxNamed,
  makeMailbox,
  raiseRetentionVersion,
  type MailboxFacts,
} from "./mailbox-rows.ts";
import type { CreateMailboxInput, Input } from "./operations.ts";
import { changed, nextModSeq, type Transaction } from "./transaction.ts";
import { moveAll } from "./writes-messages.ts";

export function createMailbox(
  tx: Transaction,
  { account, name, specialUse }: CreateMailboxInput,
): MailResult<MailboxId> {
  if (tx.db.one("SELECT 1 FROM account WHERE id = ?", account) === undefined) {
    return { ok: false, error: "no-mailbox" };
  }
  if (mailboxNamed(tx, account, name) !== undefined) return { ok: false, error: "exists" };
  return { ok: true, value: makeMailbox(tx, account, name, specialUse) };
}

export function deleteMailbox(tx: Transaction, id: MailboxId): MailResult {
  const mailbox = mailboxFacts(tx, id);
  if (mailbox === undefined) return { ok: false, error: "no-mailbox" };
  if (mailbox.name === "INBOX") return { ok: false, error: "is-inbox" };
  if (childrenOf(tx, mailbox).length > 0) return { ok: false, error: "has-children" };
  entomb(tx, mailbox);
  return { ok: true, value: undefined };
}

/** Removes a mailbox at once and leaves its messages to the sweep: a million of them must not hold up other writes. */
export function entomb(tx: Transaction, mailbox: Pick<MailboxFacts, "id" | "account" | "size_octets">): void {
  tx.db.run("DELETE FROM mailbox WHERE id = ?", mailbox.id);
  tx.db.run("INSERT INTO grave (kind, id) VALUES ('mailbox', ?)", mailbox.id);
  addUse(tx, mailbox.account, -mailbox.size_octets);
  changed(tx, mailbox.account, mailbox.id, nextModSeq(tx, mailbox.account));
}

/** Children and subscriptions follow; INBOX stays and gives its messages away. RFC 9051 §6.3.6 */
export function renameMailbox(tx: Transaction, { id, name }: Input<"renameMailbox">): MailResult {
  const mailbox = mailboxFacts(tx, id);
  if (mailbox === undefined) return { ok: false, error: "no-mailbox" };
  if (mailbox.name === name) return { ok: false, error: "exists" };
  if (mailboxNamed(tx, mailbox.account, name) !== undefined) return { ok: false, error: "exists" };
  if (mailbox.name === "INBOX") return renameInbox(tx, mailbox, name);
  const moving = [mailbox, ...childrenOf(tx, mailbox)];
  const newName = (old: string): string => name + old.slice(mailbox.name.length);
  const ids = new Set(moving.map((one) => one.id));
  for (const one of moving) {
    const there = mailboxNamed(tx, mailbox.account, newName(one.name));
    if (there !== undefined && !ids.has(there.id)) return { ok: false, error: "exists" };
  }
  // Out of the way first: new names may equal old ones of the same family.
  for (const one of moving) tx.db.run("UPDATE mailbox SET name = ? WHERE id = ?", `\u0000${one.id}`, one.id);
  for (const one of moving) {
    const modSeq = nextModSeq(tx, one.account);
    tx.db.run("UPDATE mailbox SET name = ? WHERE id = ?", newName(one.name), one.id);
    moveSubscription(tx, one.account, one.name, newName(one.name));
    changed(tx, one.account, one.id, modSeq);
  }
  makeParents(tx, mailbox.account, name);
  return { ok: true, value: undefined };
}

export function keepFor(tx: Transaction, { mailbox, days }: Input<"keepFor">): MailResult {
  const changed = tx.db.run("UPDATE mailbox SET keep_days = ? WHERE id = ?", days, mailbox);
  if (changed === 0) return { ok: false, error: "no-mailbox" };
  raiseRetentionVersion(tx);
  return { ok: true, value: undefined };
}

export function subscribe(tx: Transaction, { account, name, subscribed }: Input<"subscribe">): void {
  if (!subscribed) tx.db.run("DELETE FROM subscription WHERE account_id = ? AND name = ?", account, name);
  else {
    tx.db.run(
      "INSERT OR IGNORE INTO subscription (account_id, name) SELECT id, ? FROM account WHERE id = ?",
      name,
      account,
    );
  }
}

function renameInbox(tx: Transaction, inbox: MailboxFacts, name: string): MailResult {
  const target = mailboxFacts(tx, makeMailbox(tx, inbox.account, name));
  if (target === undefined) throw new Error("the new mailbox is not there");
  moveAll(tx, inbox, target);
  return { ok: true, value: undefined };
}

/** `0` is the character after `/`, so this is every name that begins with `name/`. */
const childrenOf = ({ db }: Transaction, { account, name }: MailboxFacts): MailboxFacts[] =>
  db.all<MailboxFacts>(
    "SELECT id, account_id AS account, name FROM mailbox WHERE account_id = ? AND name > ? AND name < ?",
    account,
    `${name}/`,
    `${name}0`,
  );

function makeParents(tx: Transaction, account: AccountId, name: string): void {
  const parent = name.slice(0, Math.max(name.lastIndexOf("/"), 0));
  if (parent !== "" && mailboxNamed(tx, account, parent) === undefined) makeMailbox(tx, account, parent);
}

function moveSubscription({ db }: Transaction, account: AccountId, from: string, to: string): void {
  db.run("UPDATE OR IGNORE subscription SET name = ? WHERE account_id = ? AND name = ?", to, account, from);
}
