import { lazily } from "../../base/lazily.ts";
import type { AccountId, ModSeq, Uid } from "../../base/mail-ids.ts";
import type { CopyOutcome } from "../store.ts";
import { addReferences, putBlob, type BlobHash } from "./blob-rows.ts";
import {
  checkUid,
  emptyTally,
  hasRoom,
  mailboxFacts,
  mailboxNamed,
  makeMailbox,
  settleMailbox,
  tally,
  type MailboxFacts,
} from "./mailbox-rows.ts";
import { fittingKeywordsText, insertMessage, keywordsText, type NewRow } from "./message-rows.ts";
import type { AppendResult, Input, PackedDelivery, PackedMessage } from "./operations.ts";
import { threadOf } from "./threads.ts";
import { nextModSeq, RollBack, type Transaction } from "./transaction.ts";
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
    const room = hasRoom(tx, copy.account, size);
    if (room === undefined) return { kind: "no-account" };
    if (!room && delivery.pastQuota !== true) return { kind: "over-quota" };
    const mailbox = targetOf(tx, copy.account, copy.mailbox);
    const row = {
      systemFlags: copy.flags.system,
      keywords: fittingKeywordsText(tx, mailbox.id, copy.flags.keywords),
      internalDate_ms: delivery.received_ms,
      origin,
    };
    const { uid } = addMessage(tx, mailbox, mailbox.uidNext, message, stored(), row);
    references++;
    return { kind: "stored", mailbox: mailbox.id, uid };
  });
  if (queue !== undefined && onward !== undefined) {
    const blob = putBlob(tx, onward);
    enqueue(tx, queue, blob);
    addReferences(tx, blob.hash);
  } else if (queue !== undefined) {
    enqueue(tx, queue, stored());
    references++;
  }
  if (references > 0) addReferences(tx, stored().hash, references);
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
  pastQuota === true && copies.some(({ account }) => hasRoom(tx, account, 0) === false);

/** All messages or none. RFC 3502 */
export function append(tx: Transaction, { mailbox: id, messages }: Input<"append">): AppendResult {
  const mailbox = mailboxFacts(tx, id);
  if (mailbox === undefined) return { ok: false, error: "no-mailbox" };
  const uids: Uid[] = [];
  for (const { message, flags, internalDate_ms } of messages) {
    if (!hasRoom(tx, mailbox.account, sizeOf(message))) throw new RollBack("over-quota");
    const blob = putBlob(tx, message);
    const row = {
      systemFlags: flags.system,
      keywords: keywordsText(tx, mailbox.id, flags.keywords),
      internalDate_ms,
    };
    uids.push(addMessage(tx, mailbox, mailbox.uidNext + uids.length, message, blob, row).uid);
    addReferences(tx, blob.hash);
  }
  return { ok: true, value: { uidValidity: mailbox.uidValidity, uids } };
}

/** The mailbox asked for, or INBOX, which no account is ever without. */
function targetOf(tx: Transaction, account: AccountId, name: string): MailboxFacts {
  const mailbox = mailboxNamed(tx, account, name) ?? mailboxNamed(tx, account, "INBOX");
  if (mailbox !== undefined) return mailbox;
  const made = mailboxFacts(tx, makeMailbox(tx, account, "INBOX"));
  if (made === undefined) throw new Error("INBOX could not be made");
  return made;
}

/** The modseq of its arrival doubles as the message's id in the account: neither is ever given out twice. */
function addMessage(
  tx: Transaction,
  mailbox: MailboxFacts,
  uidNext: number,
  message: PackedMessage,
  blob: { readonly hash: BlobHash; readonly size_octets: number },
  row: Pick<NewRow, "systemFlags" | "keywords" | "internalDate_ms" | "origin">,
): { uid: Uid; modSeq: ModSeq } {
  const uid = checkUid(uidNext);
  const modSeq = nextModSeq(tx, mailbox.account);
  insertMessage(tx, {
    mailbox: mailbox.id,
    uid,
    modSeq,
    ...row,
    size_octets: blob.size_octets,
    emailId: modSeq,
    threadId: threadOf(tx, mailbox.account, message.threadIds, modSeq),
    blob: blob.hash,
  });
  const sum = emptyTally();
  tally(sum, 1, row.systemFlags, blob.size_octets);
  settleMailbox(tx, mailbox, sum, modSeq, uid + 1);
  return { uid, modSeq };
}

const sizeOf = ({ source }: PackedMessage): number =>
  source.kind === "octets" ? source.octets.length : source.size;
