import type { Uid } from "../../base/mail-ids.ts";
import type { FlagChange, FlagOutcome, Flags, MailResult } from "../store.ts";
import { flagEvents, noteFates } from "./fates.ts";
import { emptyTally, mailboxFacts, settleMailbox, tally } from "./mailbox-rows.ts";
import { flagsFrom, keywordsText } from "./message-rows.ts";
import type { StoreFlagsInput } from "./operations.ts";
import { nextModSeq, type Transaction } from "./transaction.ts";
import type { ModSeq } from "../../base/mail-ids.ts";

type FlagRow = {
  uid: Uid;
  mod_seq: ModSeq;
  system_flags: number;
  keywords: string | null;
  origin: string | null;
  fates: number;
};

/** Changes flags of the messages that exist; a message whose flags stay the same keeps its modseq. RFC 7162 §3.1 */
export function storeFlags(
  tx: Transaction,
  { mailbox: id, uids, change }: StoreFlagsInput,
): MailResult<FlagOutcome> {
  const mailbox = mailboxFacts(tx, id);
  if (mailbox === undefined) return { ok: false, error: "no-mailbox" };
  const stored: { uid: Uid; flags: Flags; modSeq: ModSeq }[] = [];
  const modified: Uid[] = [];
  const sum = emptyTally();
  let modSeq: ModSeq | undefined;
  for (const uid of uids) {
    const row = flagRow(tx, id, uid);
    if (row === undefined) continue;
    if (change.unchangedSince !== undefined && row.mod_seq > change.unchangedSince) {
      modified.push(row.uid);
      continue;
    }
    const next = apply(tx, row, change, id);
    if (next.system === row.system_flags && next.keywords === row.keywords) {
      stored.push({ uid: row.uid, flags: flagsFrom(next.system, next.keywords), modSeq: row.mod_seq });
      continue;
    }
    modSeq ??= nextModSeq(tx, mailbox.account);
    tx.db.run(
      "UPDATE message SET system_flags = ?, keywords = ?, mod_seq = ?, fates = ? WHERE mailbox_id = ? AND uid = ?",
      next.system,
      next.keywords,
      modSeq,
      noteFates(tx, mailbox.account, row, flagEvents(row, next)),
      id,
      uid,
    );
    tally(sum, -1, row.system_flags, 0);
    tally(sum, 1, next.system, 0);
    stored.push({ uid: row.uid, flags: flagsFrom(next.system, next.keywords), modSeq });
  }
  if (modSeq !== undefined) settleMailbox(tx, mailbox, sum, modSeq);
  return { ok: true, value: { stored, modified } };
}

const flagRow = ({ db }: Transaction, mailbox: number, uid: number): FlagRow | undefined =>
  db.one<FlagRow>(
    "SELECT uid, mod_seq, system_flags, keywords, origin, fates FROM message WHERE mailbox_id = ? AND uid = ?",
    mailbox,
    uid,
  );

/** The flags after the change, as the row keeps them. */
function apply(
  tx: Transaction,
  row: FlagRow,
  { action, flags }: FlagChange,
  mailbox: StoreFlagsInput["mailbox"],
): { system: number; keywords: string | null } {
  if (action === "replace") {
    return { system: flags.system, keywords: keywordsText(tx, mailbox, flags.keywords) };
  }
  const system = action === "add" ? row.system_flags | flags.system : row.system_flags & ~flags.system;
  if (flags.keywords.length === 0) return { system, keywords: row.keywords };
  const present = flagsFrom(0, row.keywords).keywords;
  if (action === "add")
    return { system, keywords: keywordsText(tx, mailbox, [...present, ...flags.keywords]) };
  const gone = new Set(flags.keywords.map((keyword) => keyword.toLowerCase()));
  const left = present.filter((keyword) => !gone.has(keyword.toLowerCase()));
  return { system, keywords: left.length === 0 ? null : JSON.stringify(left) };
}
