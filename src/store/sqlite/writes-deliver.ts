import { lazily } from "../../base/lazily.ts";
import type { AccountId, Uid } from "../../base/mail-ids.ts";
import type { CopyOutcome } from "../store.ts";
import { addReferences, putBlob, shareBlob, type StoredBlob } from "./blob-rows.ts";
import type { MailboxEntry } from "./ledger.ts";
import { fits, mailboxFacts, makeMailbox } from "./mailbox-rows.ts";
import { fittingKeywordsText, insertMessage, keywordsText, type NewRow } from "./message-rows.ts";
import type { AppendResult, Input, PackedDelivery, PackedMessage } from "./operations.ts";
import { threadOf } from "./threads.ts";
import { changed, RollBack, type Transaction } from "./transaction.ts";
import { record } from "./writes-journal.ts";
import { enqueue } from "./writes-queue.ts";

/** A message for all its local recipients, and for the queue; without anyone left to take it nothing is stored. */
export function deliver(tx: Transaction, delivery: PackedDelivery): readonly CopyOutcome[] {
  const { message, copies, queue, onward, journal, origin = null } = delivery;
  if (waitsForRoom(tx, delivery)) return copies.map(() => ({ kind: "over-quota" }));
  const stored = lazily(() => putBlob(tx, message));
  const size = sizeOf(message);
  let references = 0;
  const outcomes = copies.map((copy): CopyOutcome => {
    const account = tx.ledger.account(copy.account);
    if (account === undefined) return { kind: "no-account" };
    if (!fits(account, size) && delivery.pastQuota !== true) return { kind: "over-quota" };
    const mailbox = targetOf(tx, copy.account, copy.mailbox);
    const row = {
      systemFlags: copy.flags.system,
      keywords: fittingKeywordsText(tx, mailbox.id, copy.flags.keywords),
      internalDate_ms: delivery.received_ms,
      origin,
    };
    const uid = addMessage(tx, mailbox, message, stored(), row);
    references++;
    return { kind: "stored", mailbox: mailbox.id, uid };
  });
  if (queue !== undefined && onward !== undefined) {
    enqueue(tx, queue, putBlob(tx, onward));
  } else if (queue !== undefined) {
    enqueue(tx, queue, stored());
    references++;
  }
  if (references > 1) addReferences(tx, stored().id, references - 1);
  if (journal !== undefined && !isKeptOut(delivery, outcomes)) record(tx, journal);
  return outcomes;
}

/** The client hears that it is not taken: nothing has become of it. */
const isKeptOut = ({ queue }: PackedDelivery, outcomes: readonly CopyOutcome[]): boolean =>
  queue === undefined &&
  outcomes.some(({ kind }) => kind === "over-quota") &&
  !outcomes.some(({ kind }) => kind === "stored");

/** Only the last straw passes a quota: deliveries that are on their way at the same time are each judged by those before. */
const waitsForRoom = (tx: Transaction, { pastQuota, copies }: PackedDelivery): boolean =>
  pastQuota === true &&
  copies.some(({ account: id }) => {
    const account = tx.ledger.account(id);
    return account !== undefined && !fits(account, 0);
  });

/** All messages or none. RFC 3502 */
export function append(tx: Transaction, { mailbox: id, messages }: Input<"append">): AppendResult {
  const facts = mailboxFacts(tx, id);
  if (facts === undefined) return { ok: false, error: "no-mailbox" };
  const mailbox = tx.ledger.enter(facts);
  const account = tx.ledger.account(mailbox.account);
  const uids: Uid[] = [];
  for (const { message, flags, internalDate_ms } of messages) {
    if (account === undefined || !fits(account, sizeOf(message))) throw new RollBack("over-quota");
    const blob = shareBlob(tx, message);
    const row = {
      systemFlags: flags.system,
      keywords: keywordsText(tx, mailbox.id, flags.keywords),
      internalDate_ms,
    };
    uids.push(addMessage(tx, mailbox, message, blob, row));
  }
  return { ok: true, value: { uidValidity: mailbox.uidValidity, uids } };
}

/** The mailbox asked for, or INBOX, which no account is ever without. */
function targetOf(tx: Transaction, account: AccountId, name: string): MailboxEntry {
  const { ledger } = tx;
  const mailbox = ledger.mailbox(account, name) ?? ledger.mailbox(account, "INBOX");
  if (mailbox !== undefined) return mailbox;
  ledger.writeOut();
  makeMailbox(tx, account, "INBOX");
  const made = ledger.mailbox(account, "INBOX");
  if (made === undefined) throw new Error("INBOX could not be made");
  return made;
}

/** The modseq of its arrival doubles as the message's id in the account: neither is ever given out twice. */
function addMessage(
  tx: Transaction,
  mailbox: MailboxEntry,
  message: PackedMessage,
  blob: StoredBlob,
  row: Pick<NewRow, "systemFlags" | "keywords" | "internalDate_ms" | "origin">,
): Uid {
  const { uid, modSeq } = tx.ledger.arrival(mailbox, row.systemFlags, blob.size_octets);
  insertMessage(tx, {
    mailbox: mailbox.id,
    uid,
    modSeq,
    ...row,
    size_octets: blob.size_octets,
    emailId: modSeq,
    threadId: threadOf(tx, mailbox.account, message.threadIds, modSeq),
    blob: blob.id,
  });
  changed(tx, mailbox.account, mailbox.id, modSeq);
  return uid;
}

const sizeOf = ({ source }: PackedMessage): number =>
  source.kind === "octets" ? source.octets.length : source.size;
