/** Bounds of moving mail in and out: what a hostile or broken other side can make us hold or wait for. */
export const MOVING_LIMITS = {
  /** A response line without its literals; long ones are SEARCH and FLAGS. */
  line_octets: 1024 * 1024,
  /** One message. Larger ones are left where they are and named in the report. */
  message_octets: 256 * 1024 * 1024,
  /** Any other literal: a folder's name, a text. */
  literal_octets: 64 * 1024,
  literalsOfResponse: 64,
  /** Lists in lists: FETCH data need three. */
  depth: 12,
  valuesOfResponse: 100_000,
  /** Responses to one command beyond those asked for: a server may tell news in between. */
  newsOfCommand: 100_000,
  folders: 5000,
  messagesOfFolder: 5_000_000,
  keyword_octets: 100,
  /** Other servers may think about a large folder, but not longer than this without a word. */
  response_ms: 300_000,
  connect_ms: 30_000,
  /** Messages and octets asked for at once, and committed at once. */
  batchMessages: 64,
  batch_octets: 8 * 1024 * 1024,
} as const;
