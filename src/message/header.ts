/** Header fields by their octet ranges: iterate, find, count, remove. Values are read only when asked for. */
import { asciiLower, CR, LF, SPACE, TAB } from "../base/ascii.ts";
import { headerText, unfold } from "./header-text.ts";
import { asBuffer } from "./octets.ts";
import type { Range } from "./outline.ts";

const COLON = 0x3a;

/** One field with its continuation lines, as offsets into the octets. */
export type Field = {
  readonly start: number;
  /** End of the name, before white space and colon. */
  readonly nameEnd: number;
  /** After the colon. */
  readonly valueStart: number;
  /** After the line end of the last line. */
  readonly end: number;
};

/**
 * The octet that ends lines: LF (a CR before it belongs to the line end), or CR in a message that has no LF at all.
 * Deviation: RFC 5322 §2.1 knows only CRLF; files and old senders do not.
 */
export function lineEndOf(octets: Buffer): number {
  return octets.indexOf(LF) < 0 && octets.indexOf(CR) >= 0 ? CR : LF;
}

/** Offset after the line that holds `position`, or the end. */
export function nextLine(octets: Buffer, position: number, lineEnd: number): number {
  const found = octets.indexOf(lineEnd, position);
  return found < 0 ? octets.length : found + 1;
}

/** Where the header with its empty line ends and the body begins. RFC 5322 §2.1 */
export function headerEnd(octets: Uint8Array): number {
  const buffer = asBuffer(octets);
  const lineEnd = lineEndOf(buffer);
  let position = 0;
  while (position < buffer.length) {
    const after = nextLine(buffer, position, lineEnd);
    if (isEmptyLine(buffer, position, after)) return after;
    position = after;
  }
  return position;
}

/** The line holds nothing but its line end. */
export function isEmptyLine(octets: Uint8Array, start: number, end: number): boolean {
  const length = end - start;
  const first = octets[start];
  return (
    (length === 1 && (first === LF || first === CR)) ||
    (length === 2 && first === CR && octets[start + 1] === LF)
  );
}

/**
 * The fields of a header in order: of the message, or of the range a part names. Lines that are no field (no colon,
 * white space in the name, a continuation of nothing) are passed over. RFC 5322 §2.2, §4.5
 *
 *   field = 1*ftext *WSP ":" unstructured CRLF
 */
export function fields(octets: Uint8Array, range?: Range): Generator<Field, void, undefined> {
  const buffer = asBuffer(octets);
  return fieldsIn(buffer, range ?? { start: 0, end: buffer.length }, lineEndOf(buffer));
}

/** The same for a caller who knows the line end. */
export function* fieldsIn(octets: Buffer, range: Range, lineEnd: number): Generator<Field, void, undefined> {
  for (
    let field = fieldFrom(octets, range, lineEnd);
    field;
    field = fieldBehind(octets, field, range, lineEnd)
  )
    yield field;
}

/** The first field of a range, and the next one behind another: what `fields` gives, without the cost of a generator. */
export function fieldFrom(octets: Buffer, { start: from, end }: Range, lineEnd: number): Field | undefined {
  const stop = Math.min(end, octets.length);
  let position = from;
  while (position < stop) {
    const start = position;
    position = Math.min(nextLine(octets, start, lineEnd), stop);
    if (isEmptyLine(octets, start, position)) return undefined;
    while (position < stop && isBlank(octets[position]))
      position = Math.min(nextLine(octets, position, lineEnd), stop);
    const field = fieldAt(octets, start, position);
    if (field) return field;
  }
  return undefined;
}

export const fieldBehind = (octets: Buffer, field: Field, range: Range, lineEnd: number): Field | undefined =>
  fieldFrom(octets, { start: field.end, end: range.end }, lineEnd);

/** Reads the name of a field; undefined where the line is none. */
export function fieldAt(octets: Uint8Array, start: number, end: number): Field | undefined {
  let nameEnd = start;
  while (nameEnd < end && isNameOctet(octets[nameEnd])) nameEnd++;
  let colon = nameEnd;
  while (colon < end && isBlank(octets[colon])) colon++;
  if (nameEnd === start || colon === end || octets[colon] !== COLON) return undefined;
  return { start, nameEnd, valueStart: colon + 1, end };
}

/** Name as written. */
export const fieldName = (octets: Uint8Array, field: Field): string =>
  asBuffer(octets).toString("latin1", field.start, field.nameEnd);

/** Name in lower case, to compare; no other letter of latin1 becomes an ASCII one. */
export const fieldKey = (octets: Uint8Array, field: Field): string => fieldName(octets, field).toLowerCase();

/** Value unfolded, as text, without white space at its ends and without CR, LF or NUL. */
export const fieldValue = (octets: Uint8Array, field: Field): string => headerText(rawValue(octets, field));

/** Value unfolded, one character per octet, for grammars that compare octets. */
export function rawValue(octets: Uint8Array, field: Field): string {
  let start = field.valueStart;
  let end = field.end;
  while (start < end && isBlank(octets[start])) start++;
  while (end > start && isBlankOrLineEnd(octets[end - 1])) end--;
  return unfold(asBuffer(octets).toString("latin1", start, end));
}

/** Value of the first field of that name; undefined where there is none. */
export function findField(octets: Uint8Array, name: string, range?: Range): string | undefined {
  const key = asciiLower(name);
  for (const field of fields(octets, range))
    if (isNamed(octets, field, key)) return fieldValue(octets, field);
  return undefined;
}

/** Values of all fields of that name, in order. */
export function findFields(octets: Uint8Array, name: string, range?: Range): string[] {
  const key = asciiLower(name);
  const values: string[] = [];
  for (const field of fields(octets, range))
    if (isNamed(octets, field, key)) values.push(fieldValue(octets, field));
  return values;
}

/** How often the message passed a server, for loop detection. RFC 5321 §6.3 */
export function countReceived(octets: Uint8Array): number {
  const buffer = asBuffer(octets);
  const whole = { start: 0, end: buffer.length };
  const lineEnd = lineEndOf(buffer);
  let count = 0;
  for (
    let field = fieldFrom(buffer, whole, lineEnd);
    field;
    field = fieldBehind(buffer, field, whole, lineEnd)
  )
    if (isNamed(buffer, field, "received")) count++;
  return count;
}

/** A field of this name whose value satisfies `when` is cut out with its line end; all other octets stay. */
export function removeFields(
  octets: Uint8Array,
  name: string,
  when: (value: string) => boolean = () => true,
): Buffer {
  const buffer = asBuffer(octets);
  const whole = { start: 0, end: buffer.length };
  const lineEnd = lineEndOf(buffer);
  const key = asciiLower(name);
  const kept: Buffer[] = [];
  let position = 0;
  for (
    let field = fieldFrom(buffer, whole, lineEnd);
    field;
    field = fieldBehind(buffer, field, whole, lineEnd)
  ) {
    if (!isNamed(buffer, field, key) || !when(fieldValue(buffer, field))) continue;
    kept.push(buffer.subarray(position, field.start));
    position = field.end;
  }
  if (position === 0) return buffer;
  kept.push(buffer.subarray(position));
  return Buffer.concat(kept);
}

/** `key` is in lower case. */
export function isNamed(octets: Uint8Array, { start, nameEnd }: Field, key: string): boolean {
  if (nameEnd - start !== key.length) return false;
  for (let i = 0; i < key.length; i++) {
    const octet = octets[start + i] ?? 0;
    const isCapital = octet >= 0x41 && octet <= 0x5a;
    if ((isCapital ? octet | 0x20 : octet) !== key.charCodeAt(i)) return false;
  }
  return true;
}

export const isBlank = (octet: number | undefined): boolean => octet === SPACE || octet === TAB;

const isBlankOrLineEnd = (octet: number | undefined): boolean =>
  isBlank(octet) || octet === CR || octet === LF;

/** ftext, and octets above 0x7F so that a forged name with one is still a field of its own. */
const isNameOctet = (octet: number | undefined): boolean =>
  octet !== undefined && octet > SPACE && octet !== COLON && octet !== 0x7f;
