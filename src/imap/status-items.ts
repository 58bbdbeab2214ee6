import type { MailboxStatus } from "./backend.ts";
import type { Cursor } from "./cursor.ts";

/** RECENT is always 0 here. Deviation: it would take a session of its own to know it, and IMAP4rev2 dropped it. */
const ITEMS: Readonly<Record<string, (status: MailboxStatus) => string>> = {
  MESSAGES: ({ messages }) => String(messages),
  RECENT: () => "0",
  UIDNEXT: ({ uidNext }) => String(uidNext),
  UIDVALIDITY: ({ uidValidity }) => String(uidValidity),
  UNSEEN: ({ unseen }) => String(unseen),
  DELETED: ({ deleted }) => String(deleted),
  SIZE: ({ size_octets }) => String(size_octets),
  HIGHESTMODSEQ: ({ highestModSeq }) => String(highestModSeq),
  MAILBOXID: ({ mailboxId }) => `(${mailboxId})`,
};

/**
 *     "(" status-att *(SP status-att) ")". RFC 9051 §6.3.11, RFC 8438, 7162, 8474
 */
export function statusItems(cursor: Cursor): readonly string[] {
  const items = cursor.list(() => {
    const name = cursor.atom().toUpperCase();
    if (!Object.hasOwn(ITEMS, name)) cursor.fail("a status item");
    return name;
  }, 20);
  if (items.length === 0) cursor.fail("a status item");
  return items;
}

export const formatStatus = (items: readonly string[], status: MailboxStatus): string =>
  `(${items.map((name) => `${name} ${ITEMS[name]?.(status) ?? ""}`).join(" ")})`;
