/**
 * Bounds of the analysis of one message, each with its reason. Beyond a limit less is known about the message;
 * its octets stay as they are.
 */
export const MESSAGE_LIMITS = {
  /** Multiparts and messages inside each other. Honest mail stays below 10; Postfix stops at 100 (D-37). */
  nestingMax: 50,
  /** Parts of one message. Honest mail has tens; the outline of 1,000 is still a small JSON text. */
  partsMax: 1_000,
  /** Lines of one header that are read. Long Received and ARC chains of real mail reach 300. */
  headerLinesMax: 1_000,
  /** Octets of one header that are read: 2,000 recipients in To fit. */
  headerOctetsMax: 256 * 1024,
  /** RFC 2046 says 70; real senders reach some hundred. More would only feed the comparison of lines. */
  boundaryOctetsMax: 2_048,
  /** Parameters of one Content-Type or Content-Disposition, RFC 2231 pieces counted singly (D-37). */
  parametersMax: 100,
  /** Addresses of one header field; as many as IMAP clients can be expected to show. */
  addressesMax: 10_240,
  /** Words and dots of one address with its display name. A person's name has ten. */
  addressTokensMax: 1_000,
  /** Message-IDs kept for threads: the oldest and the latest. */
  referencesMax: 50,
  /** Octets of one Message-ID kept for threads: a header line of RFC 5322 §2.1.1. */
  messageIdOctetsMax: 998,
  /** Octets of text parts searched for links, in their transfer encoding: a few milliseconds. Newsletters have 100 KB. */
  linkOctetsMax: 512 * 1024,
  linkPartsMax: 50,
  /** Links looked at in one message, and hosts they may name; a digest of news has some hundred links to ten hosts. */
  linksMax: 2_000,
  linkHostsMax: 200,
  /** Characters of one link. Trackers write 1,000; the host stands in front. */
  linkLengthMax: 4_096,
} as const;

/** Octets of one line without its CRLF. RFC 5322 §2.1.1 */
export const LINE_OCTETS_MAX = 998;
