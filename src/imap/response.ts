import { isAscii } from "../base/ascii.ts";
import type { Envelope, EnvelopeMailbox, Parameter } from "../message/outline.ts";
import { encodeWords } from "../message/encoded-word.ts";
import type { Modes } from "./modes.ts";

/** Pieces of responses as text; strings that hold octets above 0x7F are written as UTF-8. RFC 9051 §7, §9 */

const QUOTED_MAX = 1_000;

/** A string in the shortest correct form: quoted, or a literal for what quotes cannot hold. */
export function formatString(text: string): string {
  if (text.length <= QUOTED_MAX && !/[\r\n\0]/.test(text)) return `"${text.replace(/["\\]/g, "\\$&")}"`;
  return `{${Buffer.byteLength(text)}}\r\n${text}`;
}

/** Header text: a session that has not asked for UTF-8 sees encoded words instead of raw characters (E-19). */
export function headerString(text: string | null | undefined, modes: Modes): string {
  if (text === null || text === undefined) return "NIL";
  return formatString(modes.utf8 || isAscii(text) ? text : encodeWords(text));
}

/** A mailbox name is an astring; quoting it always is right and never surprises. */
export const formatMailbox = (encodedName: string): string => formatString(encodedName);

export const formatFlags = (flags: readonly string[]): string => `(${flags.join(" ")})`;

/** `"24-Nov-2026 10:00:00 +0000"`. RFC 9051 §9 date-time */
export function formatDateTime(epoch_ms: number): string {
  const date = new Date(epoch_ms);
  const two = (value: number): string => String(value).padStart(2, "0");
  const day = String(date.getUTCDate()).padStart(2, " ");
  const time = `${two(date.getUTCHours())}:${two(date.getUTCMinutes())}:${two(date.getUTCSeconds())}`;
  return `"${day}-${MONTHS[date.getUTCMonth()]}-${String(date.getUTCFullYear()).padStart(4, "0")} ${time} +0000"`;
}

export const MONTHS = [
  "Jan",
  "Feb",
  "Mar",
  "Apr",
  "May",
  "Jun",
  "Jul",
  "Aug",
  "Sep",
  "Oct",
  "Nov",
  "Dec",
] as const;

/** RFC 9051 §7.5.2: (date subject from sender reply-to to cc bcc in-reply-to message-id) */
export function formatEnvelope(envelope: Envelope, modes: Modes): string {
  const text = (value: string | undefined): string => headerString(value, modes);
  const list = (mailboxes: readonly EnvelopeMailbox[] | undefined): string => {
    if (mailboxes === undefined || mailboxes.length === 0) return "NIL";
    return `(${mailboxes.map((mailbox) => `(${headerString(mailbox.name, modes)} NIL ${headerString(mailbox.mailbox, modes)} ${headerString(mailbox.host, modes)})`).join("")})`;
  };
  const { from, sender = from, replyTo = from } = envelope;
  const addresses = [from, sender, replyTo, envelope.to, envelope.cc, envelope.bcc].map(list).join(" ");
  return `(${text(envelope.date)} ${text(envelope.subject)} ${addresses} ${text(envelope.inReplyTo)} ${text(envelope.messageId)})`;
}

export function formatParameters(parameters: readonly Parameter[], modes: Modes): string {
  if (parameters.length === 0) return "NIL";
  return `(${parameters.map(([name, value]) => `${headerString(name, modes)} ${headerString(value, modes)}`).join(" ")})`;
}
