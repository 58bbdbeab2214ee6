import { isAscii } from "../base/ascii.ts";
import { parseDate } from "../message/date.ts";
import { decodeWords } from "../message/encoded-word.ts";
import { fieldKey, fields, fieldValue } from "../message/header.ts";
import type { Envelope, EnvelopeMailbox, Outline, Part, Range } from "../message/outline.ts";
import { partText } from "../message/text.ts";
import type { BlobId, MailReads } from "../store/store.ts";
import { MAILBOX_LIMITS } from "./limits.ts";
import type { SearchHeader } from "./search-match.ts";

/** Text in the form in which it is compared: no case, composed characters, one small sigma. RFC 5051 in spirit */
export function foldCase(text: string): string {
  if (isAscii(text)) return text.toLowerCase();
  return text.normalize("NFC").toLowerCase().replaceAll("ς", "σ");
}

/** Up to here the engine's own search is quick whatever it looks for; beyond, some texts take it length times length. */
const NATIVE_NEEDLE_MAX = 32;

/** Does `text` hold `needle`? In time that grows with their sum, whoever wrote them (Knuth, Morris, Pratt 1977). */
export function holds(text: string, needle: string): boolean {
  if (needle.length <= NATIVE_NEEDLE_MAX) return text.includes(needle);
  if (needle.length > text.length) return false;
  const borders = bordersOf(needle);
  let matched = 0;
  for (let at = 0; at < text.length; at++) {
    const unit = text.charCodeAt(at);
    while (matched > 0 && unit !== needle.charCodeAt(matched)) matched = borders[matched - 1] as number;
    if (unit === needle.charCodeAt(matched) && ++matched === needle.length) return true;
  }
  return false;
}

/** For each prefix the length of its longest proper prefix that also ends it. */
function bordersOf(needle: string): Uint32Array {
  const borders = new Uint32Array(needle.length);
  let length = 0;
  for (let at = 1; at < needle.length; at++) {
    const unit = needle.charCodeAt(at);
    while (length > 0 && unit !== needle.charCodeAt(length)) length = borders[length - 1] as number;
    if (unit === needle.charCodeAt(length)) length++;
    borders[at] = length;
  }
  return borders;
}

const ENVELOPE_TEXT = {
  date: (envelope) => envelope.date,
  subject: (envelope) => envelope.subject && decodeWords(envelope.subject),
  from: (envelope) => addressText(envelope.from),
  to: (envelope) => addressText(envelope.to),
  cc: (envelope) => addressText(envelope.cc),
  bcc: (envelope) => addressText(envelope.bcc),
  "in-reply-to": (envelope) => envelope.inReplyTo,
  "message-id": (envelope) => envelope.messageId,
} as const satisfies Readonly<Record<string, (envelope: Envelope) => string | undefined>>;

type EnvelopeField = keyof typeof ENVELOPE_TEXT;

/** Fields SEARCH looks up in the envelope; RFC 9051 §6.4.4 says so for FROM, TO, CC, BCC and SUBJECT. */
export const isEnvelopeField = (field: string): field is EnvelopeField => Object.hasOwn(ENVELOPE_TEXT, field);

/** A field of the envelope as text, case folded; undefined when the message has none. */
export function envelopeText(envelope: Envelope, field: EnvelopeField): string | undefined {
  const text = ENVELOPE_TEXT[field](envelope);
  return text === undefined ? undefined : foldCase(text);
}

/**
 * The day in the Date field as its writer saw it, `YYYY-MM-DD`: SENTON and its like disregard time and zone.
 * Undefined where there is no date. RFC 9051 §6.4.4
 */
export function sentDay({ date }: Pick<Envelope, "date">): string | undefined {
  const parsed = date === undefined ? undefined : parseDate(date);
  return parsed && new Date(parsed.epoch_ms + parsed.zone_minutes * 60_000).toISOString().slice(0, 10);
}

const addressText = (list: readonly EnvelopeMailbox[] | undefined): string | undefined =>
  list?.map(mailboxText).join(", ");

/** `Name <local@host>`; a group begins with its name and ends with nothing. */
function mailboxText({ name, mailbox, host }: EnvelopeMailbox): string {
  if (host === null) return mailbox === null ? "" : `${decodeWords(mailbox)}:`;
  const address = `<${mailbox ?? ""}@${host}>`;
  return name === null ? address : `${decodeWords(name)} ${address}`;
}

/** The header's fields, decoded; undefined when the message has gone. */
export async function readHeader(
  mail: MailReads,
  blob: BlobId,
  { root }: Outline,
): Promise<SearchHeader | undefined> {
  const octets = await mail.octets(blob, root.header.start, root.header.end);
  return octets && searchHeader(octets);
}

function searchHeader(octets: Buffer): SearchHeader {
  const found = new Map<string, string[]>();
  const lines: string[] = [];
  for (const field of fields(octets)) {
    const name = fieldKey(octets, field);
    const value = foldCase(decodeWords(fieldValue(octets, field)));
    const values = found.get(name);
    if (values === undefined) found.set(name, [value]);
    else values.push(value);
    lines.push(`${name}: ${value}`);
  }
  return { fields: found, text: lines.join("\n") };
}

/** The texts of the body, decoded; undefined when the message has gone. */
export async function readBody(
  mail: MailReads,
  blob: BlobId,
  outline: Outline,
): Promise<readonly string[] | undefined> {
  const pieces = textPieces(outline.root, 0);
  const whole = outline.size <= MAILBOX_LIMITS.searchWhole_octets ? await mail.octets(blob) : undefined;
  const texts: string[] = [];
  let left_octets: number = MAILBOX_LIMITS.searchText_octets;
  for (const { range, textOf } of pieces) {
    const end = Math.min(range.end, range.start + left_octets);
    if (end <= range.start) continue;
    const octets = whole?.subarray(range.start, end) ?? (await mail.octets(blob, range.start, end));
    if (octets === undefined) return undefined;
    left_octets -= octets.length;
    texts.push(textOf(octets));
  }
  return texts;
}

/** A range of the message to be searched, and how its octets become text. */
type Piece = { readonly range: Range; readonly textOf: (octets: Buffer) => string };

/** Text parts in order, and the headers of messages inside the message. */
function textPieces(part: Part, depth: number): readonly Piece[] {
  if (depth > MAILBOX_LIMITS.searchDepth) return [];
  if (part.message !== undefined) {
    const { root } = part.message;
    return [
      { range: root.header, textOf: (octets) => searchHeader(octets).text },
      ...textPieces(root, depth + 1),
    ];
  }
  if (part.parts.length > 0) return part.parts.flatMap((child) => textPieces(child, depth + 1));
  return part.type === "text"
    ? [{ range: part.body, textOf: (octets) => foldCase(textOfPart(octets, part)) }]
    : [];
}

/** `octets` are those of the part's body alone. */
const textOfPart = (octets: Buffer, part: Part): string =>
  partText(octets, { ...part, body: { start: 0, end: octets.length } });
