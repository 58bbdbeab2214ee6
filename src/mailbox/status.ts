import type { MailboxStatus } from "../imap/backend.ts";
import type { MailboxRow } from "../store/store.ts";

/** A mailbox's counters as STATUS shows them; nothing is counted here. RFC 9051 §6.3.11 */
export const statusOf = (row: MailboxRow): MailboxStatus => ({
  messages: row.messages,
  unseen: row.unseen,
  deleted: row.deleted,
  size_octets: row.size_octets,
  uidNext: row.uidNext,
  uidValidity: row.uidValidity,
  highestModSeq: row.highestModSeq,
  mailboxId: mailboxIdOf(row),
});

/** RFC 8474 §4: the same through renaming, never used again. */
export const mailboxIdOf = ({ id }: Pick<MailboxRow, "id">): string => `M${id}`;
