/** Numbers of the web door, each with its reason. */
export const WEB_LIMITS = {
  /** Browsers send one or two KB; cookies, which make headers large elsewhere, are not used here. */
  header_octets: 8 * 1024,
  /** Node's own default: enough for every browser. */
  headersMax: 100,
  /** Path and query: an address of 254 octets, escaped, three times over. */
  target_chars: 2_048,
  /** Outlook's question has less than 1 KB. */
  body_octets: 16 * 1024,
  /** A request, from its first octet or from the answer before it to its last octet. */
  request_ms: 15_000,
  /** An answer is written within this, or the client takes nothing. */
  answer_ms: 30_000,
  /** A connection waits this long for the next request; a page and its style sheet come at once. */
  idle_ms: 5_000,
  /** Requests on one connection; then the next one goes through the door again, where clients are counted. */
  requestsPerConnection: 100,
  /** An address in a question. RFC 5321 §4.5.3.1: 254 is the longest one that can be used. */
  address_chars: 254,
  /** Elements looked at in Outlook's XML: it has four. */
  xmlElements: 50,
  /** A question to the store behind `/readyz`. */
  ready_ms: 2_000,
  /** The queue is looked through every three seconds. */
  queueQuiet_ms: 30_000,
  /** Label sets of one counter; what goes beyond is counted together. */
  seriesPerCounter: 200,
} as const;
