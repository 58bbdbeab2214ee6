/**
 * The mailboxes of a new account, all subscribed, in the order clients show them. RFC 6154 (special use)
 * What is thrown away or taken for junk goes after 30 days, counted from when it came there (G-20).
 * The names are those most clients make themselves, so that none ends up with two of a kind.
 */
export const DEFAULT_MAILBOXES = [
  { name: "INBOX" },
  { name: "Drafts", specialUse: "\\Drafts" },
  { name: "Sent", specialUse: "\\Sent" },
  { name: "Junk", specialUse: "\\Junk", keepDays: 30 },
  { name: "Trash", specialUse: "\\Trash", keepDays: 30 },
  { name: "Archive", specialUse: "\\Archive" },
] as const;
