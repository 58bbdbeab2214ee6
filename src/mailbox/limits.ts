/** Every limit of the mailbox room, each with its reason. */
export const MAILBOX_LIMITS = {
  /** Sessions of one client (IPv4 address or IPv6 /64) that have not logged in yet (D-13, D-14). */
  clientPreauth: 10,
  /** Sessions of one account: a dozen devices with the ten connections desktop clients keep open. */
  accountSessions: 128,
  /** Octets of a mailbox name in UTF-8 (E-21). */
  name_octets: 255,
  /** Levels of a mailbox name: each missing parent is made too. */
  nameLevels: 32,
  /** Octets of a keyword: longer ones are not written by clients. */
  keyword_octets: 64,
  /** Keywords of one mailbox as FLAGS and PERMANENTFLAGS list them; others stay valid. */
  keywordsListed: 100,
  /** How often watched mailboxes are asked for changes another process made. */
  poll_ms: 5_000,
  /** Mailboxes asked in one turn of the loop. */
  pollBatch: 200,
  /** Mailboxes whose keywords and first unseen message are remembered between sessions. */
  summaries: 10_000,
  /** Search: time before other sessions get their turn. */
  searchTurn_ms: 8,
  /** Search: whole time; a body search over a hundred thousand messages ends well before. */
  search_ms: 120_000,
  /** Search: texts looked for in bodies and header fields; each walks through the message, and nobody else is served then. */
  searchTexts: 50,
  /** Search: octets of decoded text looked at in one message; a larger text is searched to here. */
  searchText_octets: 32 * 1024 * 1024,
  /** Search: messages up to this size are read whole, larger ones part by part. */
  searchWhole_octets: 256 * 1024,
  /** Search: nested parts looked into. */
  searchDepth: 50,
  /** Messages that expire in one run, of all people: whatever goes wrong, not everything is gone at once. */
  expiryRun: 20_000,
  /** And in one mailbox, so that a full one does not hold up the others. */
  expiryMailbox: 2_000,
  /** Messages that expire in one commit: new mail waits no longer than for these. */
  expiryStep: 100,
} as const;

export type MailboxLimits = { readonly [K in keyof typeof MAILBOX_LIMITS]: number };
