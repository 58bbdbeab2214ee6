/** What is known about a message after one pass over its octets. Types only; `mime.ts` fills them. */

/** A half-open range of octet offsets into the whole message. */
export type Range = { readonly start: number; readonly end: number };

/**
 * Header text in these types is raw (encoded words not decoded, comments kept); octets above 0x7F
 * are read as UTF-8 where valid and as windows-1252 where not. Folding is undone. No CR, LF or NUL.
 */
export type Parameter = readonly [name: string, value: string];

/** One part of the MIME tree. RFC 2045, 2046; RFC 9051 §7.5.2 (BODYSTRUCTURE) */
export type Part = {
  /** Lower case, e.g. `text`. */
  readonly type: string;
  /** Lower case, e.g. `plain`. */
  readonly subtype: string;
  /** Content-Type parameters in order, names lower case, RFC 2231 pieces joined but not charset-decoded. */
  readonly parameters: readonly Parameter[];
  readonly id?: string;
  readonly description?: string;
  /** Content-Transfer-Encoding, lower case; `7bit` where absent. */
  readonly encoding: string;
  readonly disposition?: { readonly value: string; readonly parameters: readonly Parameter[] };
  readonly language?: readonly string[];
  readonly location?: string;
  readonly md5?: string;
  /** Header fields with the empty line that ends them. */
  readonly header: Range;
  readonly body: Range;
  /** Lines of the body, for text/* and message/rfc822. */
  readonly lines: number;
  /** Children of a multipart, in order; empty otherwise. */
  readonly parts: readonly Part[];
  /** What a message/rfc822 or message/global holds. */
  readonly message?: { readonly envelope: Envelope; readonly root: Part };
};

/** An address as ENVELOPE shows it. Group start: `mailbox` is the group's name and `host` null; group end: both null. */
export type EnvelopeMailbox = {
  readonly name: string | null;
  readonly mailbox: string | null;
  readonly host: string | null;
};

/** RFC 9051 §7.5.2: the fields of ENVELOPE. An absent field is undefined (NIL), not empty. */
export type Envelope = {
  readonly date?: string;
  readonly subject?: string;
  readonly from?: readonly EnvelopeMailbox[];
  readonly sender?: readonly EnvelopeMailbox[];
  readonly replyTo?: readonly EnvelopeMailbox[];
  readonly to?: readonly EnvelopeMailbox[];
  readonly cc?: readonly EnvelopeMailbox[];
  readonly bcc?: readonly EnvelopeMailbox[];
  readonly inReplyTo?: string;
  readonly messageId?: string;
};

/** The whole: computed once at delivery, stored as JSON beside the octets, never computed again. */
export type Outline = {
  /** Octets of the message. */
  readonly size: number;
  readonly envelope: Envelope;
  readonly root: Part;
  /** Message-IDs of References and In-Reply-To, oldest first, at most 50: for threads. */
  readonly references: readonly string[];
  /** Reason constants where a limit cut the analysis short, e.g. `too-many-parts`; the octets are untouched. */
  readonly defects: readonly string[];
};
