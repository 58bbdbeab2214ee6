import type { ImapRefusal, MailboxStatus } from "./backend.ts";
import type { Cursor } from "./cursor.ts";
import { encodeMailbox } from "./mailbox-name.ts";
import { formatMailbox } from "./response.ts";
import type { ImapSession } from "./session.ts";

type Facts = MailboxStatus & { readonly deletedStorage_octets: number };

/** RECENT is always 0 here. Deviation: it would take a session of its own to know it, and IMAP4rev2 dropped it. */
const ITEMS: Readonly<Record<string, (status: Facts) => string>> = {
  MESSAGES: ({ messages }) => String(messages),
  RECENT: () => "0",
  UIDNEXT: ({ uidNext }) => String(uidNext),
  UIDVALIDITY: ({ uidValidity }) => String(uidValidity),
  UNSEEN: ({ unseen }) => String(unseen),
  DELETED: ({ deleted }) => String(deleted),
  "DELETED-STORAGE": ({ deletedStorage_octets }) => String(deletedStorage_octets),
  SIZE: ({ size_octets }) => String(size_octets),
  HIGHESTMODSEQ: ({ highestModSeq }) => String(highestModSeq),
  MAILBOXID: ({ mailboxId }) => `(${mailboxId})`,
};

/**
 *     "(" status-att *(SP status-att) ")". RFC 9051 §6.3.11, RFC 8438, 7162, 8474, 9208
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

/** Writes a STATUS response, or says why not. */
export async function tellStatus(
  session: ImapSession,
  name: string,
  items: readonly string[],
): Promise<ImapRefusal | undefined> {
  const found = await session.account.status(name);
  if (!found.ok) return found.error;
  const asksStorage = items.includes("DELETED-STORAGE") && found.value.deleted > 0;
  const deletedStorage_octets = asksStorage ? await deletedOctets(session, name) : 0;
  if (items.includes("HIGHESTMODSEQ")) session.enableCondstore();
  const facts = { ...found.value, deletedStorage_octets };
  const values = items.map((item) => `${item} ${ITEMS[item]?.(facts) ?? ""}`).join(" ");
  session.untagged(`STATUS ${formatMailbox(encodeMailbox(name, session.modes))} (${values})`);
  return undefined;
}

/** What EXPUNGE would free; nobody keeps count of it, so the messages are asked. RFC 9208 §4.1.4 */
async function deletedOctets(session: ImapSession, name: string): Promise<number> {
  const opened = await session.account.open(name, true);
  if (!opened.ok) return 0;
  const box = opened.value;
  try {
    const found = await box.search({ kind: "flag", flag: "\\Deleted" }, box.uids);
    let octets = 0;
    if (found.ok) for await (const { size_octets } of box.messages(found.value)) octets += size_octets;
    return octets;
  } finally {
    box.close();
  }
}
