/**
 * The mailboxes of a new account, all subscribed, in the order clients show them. RFC 6154 (special use)
 * The names are those most clients make themselves, so that none ends up with two of a kind.
 */
export const DEFAULT_MAILBOXES = [
  { name: "INBOX" },
  { name: "Drafts", specialUse: "\\Drafts" },
  { name: "Sent", specialUse: "\\Sent" },
  { name: "Junk", specialUse: "\\Junk" },
  { name: "Trash", specialUse: "\\Trash" },
  { name: "Archive", specialUse: "\\Archive" },
] as const;
