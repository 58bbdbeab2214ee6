import type { MailboxListing } from "../imap/backend.ts";
import type { MailboxRow } from "../store/store.ts";
import { parentNames } from "./mailbox-name.ts";

/**
 * Every name LIST and LSUB may show: mailboxes, subscriptions without one, and parents that do not exist.
 * INBOX first, then by name. RFC 9051 §6.3.9, RFC 5258 §3
 */
export function listings(
  mailboxes: readonly MailboxRow[],
  subscriptions: readonly string[],
): readonly MailboxListing[] {
  const subscribed = new Set(subscriptions);
  const found = new Map<string, MailboxListing>();
  for (const { name, specialUse, subscribed: marked } of mailboxes) {
    found.set(name, {
      name,
      exists: true,
      subscribed: marked || subscribed.has(name),
      ...(specialUse === undefined ? {} : { specialUse }),
    });
  }
  for (const name of subscribed)
    if (!found.has(name)) found.set(name, { name, exists: false, subscribed: true });
  for (const { name } of mailboxes) {
    for (const parent of parentNames(name)) {
      if (!found.has(parent)) found.set(parent, { name: parent, exists: false, subscribed: false });
    }
  }
  return [...found.values()].sort(byName);
}

function byName(a: MailboxListing, b: MailboxListing): number {
  if (a.name === "INBOX") return b.name === "INBOX" ? 0 : -1;
  if (b.name === "INBOX") return 1;
  return a.name < b.name ? -1 : a.name > b.name ? 1 : 0;
}
