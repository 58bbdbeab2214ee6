/** Bounds of an IMAP session, each with its reason. */
export const IMAP_LIMITS = {
  /** A command line without its literals: a UID set of a few thousand ranges fits (RFC 7162 §4 asks for 8192). */
  line_octets: 65_536,
  /** Before login nobody needs more than a name and a password (D-45). */
  lineBeforeLogin_octets: 16_384,
  literalBeforeLogin_octets: 8_192,
  /** Literals of one command other than APPEND, together. */
  literals_octets: 262_144,
  literalsOfCommand: 64,
  /** Messages of one MULTIAPPEND. */
  appendMessages: 100,
  /** SEARCH keys inside each other. Phones write `OR a OR b OR c …` for a list of senders: that many deep, and no danger to the stack. */
  searchDepth: 250,
  searchKeys: 1_000,
  fetchItems: 100,
  headerFields: 200,
  flags: 100,
  listPatterns: 50,
  /** All patterns of one LIST together: matching takes their length times that of all names (D-43). */
  listPatterns_octets: 1_024,
  /** Ranges of one sequence set. */
  setRanges: 10_000,
  /** Fields of ID (RFC 2971 §3.3). */
  idFields: 30,
  /** Wrong logins of one session; the throttle counts further over sessions (D-26). */
  failedLogins: 6,
  /** BAD answers of one session before it is closed; a client with a bug gets that far, a fuzzer no further. */
  badCommands: 50,
  /** Pipelined commands answered before other sessions get their turn. */
  turnCommands: 50,
  /** A base64 response of AUTHENTICATE (D-30). */
  saslLine_octets: 12_288,
  /** From connect to login (D-19). */
  login_ms: 60_000,
  /** RFC 9051 §5.4: at least 30 minutes. */
  idle_ms: 31 * 60_000,
  /** A command that has begun must come to its end in this time, and some more for its literals: */
  command_ms: 300_000,
  /** … at this speed, the slowest line we wait for (4 kB/s). */
  slowest_octets_ms: 4,
  handshake_ms: 10_000,
  /** `* OK Still here` while IDLE: middleboxes forget a silent connection after five minutes (E-04). */
  stillHere_ms: 4 * 60_000,
  /** Output that may wait in memory before a FETCH pauses. */
  unflushed_octets: 262_144,
  /** A body is read and written in pieces of this size; smaller ones in one. */
  bodyPiece_octets: 262_144,
} as const;

export type ImapLimits = { readonly [Name in keyof typeof IMAP_LIMITS]: number };
