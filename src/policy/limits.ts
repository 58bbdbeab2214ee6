/** Bounds of the judgement, each with its reason. */
export const POLICY_LIMITS = {
  /** One list's answer; a dead list must not hold mail up (D-06). */
  listAnswer_ms: 3_000,
  /** All lists of one judgement together (D-06). */
  listsTotal_ms: 5_000,
  /** Any other DNS question (D-47). */
  dnsAnswer_ms: 5_000,
  /** All questions of one judgement together (D-47). */
  dnsTotal_ms: 20_000,
  /** Classes and table results that name rules nest this deep; Postfix stops at 100, people at three. */
  nestingMax: 20,
  /** Rules evaluated in one judgement, classes unrolled: the end of rules that multiply themselves. */
  stepsMax: 2_000,
  /** Rules in one list; the longest seen in public has 60. */
  rulesMax: 1_000,
  /** Text of one list. */
  listTextMax: 256 * 1024,
  /** Text of one table; larger ones belong into the store. */
  tableTextMax: 16 * 1024 * 1024,
  /** One logical line of a table. */
  tableLineMax: 4_096,
  /** Patterns in one table: every one of them is run for every question. */
  patternsMax: 2_000,
  /** One pattern, in characters, and what it may unroll to. */
  patternTextMax: 1_024,
  patternProgramMax: 4_000,
  /** Octets a pattern is run over; names and addresses are shorter (RFC 5321 §4.5.3.1). */
  patternSubjectMax: 1_024,
  /** Servers of one name that `check_*_mx_access` looks at, and addresses of each. */
  serversMax: 20,
  addressesMax: 20,
  /** Domain labels tried upwards in a table. */
  parentsMax: 127,
  /** One line of a reply, below the 512 octets of RFC 5321 §4.5.3.1.5 with code and enhanced code. */
  replyTextMax: 450,
  /** Link hosts that lists are asked about, and of one domain: each is a question to each list. rspamd and SpamAssassin ask about 20. */
  linkHostsMax: 20,
  linkHostsOfDomainMax: 3,
  /** All of them as one text, so that the journal keeps it whole. */
  linkHostsTextMax: 900,
  /** `sleep` may hold a client this long. */
  sleepMax_s: 30,
} as const;
