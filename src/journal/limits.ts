/** Bounds of the journal, each with its reason. */
export const JOURNAL_LIMITS = {
  /** As the store keeps it (`STORE_LIMITS.keysPerRecord`). */
  keysMax: 32,
  /** The longest address has 320 octets (RFC 5321 §4.5.3.1); longer keys are nobody's question. */
  keyLengthMax: 320,
  /** A record as JSON. A session of fifty judged recipients takes half of it. */
  bodyMax: 64 * 1024,
  /** Read back: larger bodies are not ours. */
  bodyReadMax: 1024 * 1024,
  /** Nesting of answers and results that are kept as they are. */
  depthMax: 8,
  /** Records that wait for the store: ten seconds of a flood of a thousand sessions a second. */
  waitingMax: 10_000,
  /** The same in characters, for a flood of large records. */
  waitingLengthMax: 32 * 1024 * 1024,
  /** Records of one write: a few milliseconds of the store. */
  batchMax: 100,
  /** A record waits this long for company, so that a refused session costs no commit of its own. */
  batchWait_ms: 200,
  /** Refusals at the door of one client and reason are one record for this long. */
  doorWindow_ms: 60_000,
  /** Clients with records of their own: so many at once, and so many more a minute; 6 MB a day at most. */
  doorRecords: 500,
  doorRecordsPerMinute: 10,
  /** After a write that failed; doubled each time. */
  retryFirst_ms: 1_000,
  retryMax_ms: 60_000,
  /** What one question may gather: more is nobody's reading. */
  foundMax: 500,
  /** Sessions and messages followed from one question. */
  relatedMax: 50,
  /** An explanation: text from outside in one place, refusals told one by one, tries of one recipient. */
  shownMax: 200,
  refusalsShown: 10,
  triesShown: 4,
} as const;
