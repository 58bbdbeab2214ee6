import { CR, LF } from "../../base/ascii.ts";
import { fieldKey, fields, headerEnd, type Field } from "../../message/header.ts";
import { canonicalField, writeField, writeValue, type Canonicalization } from "./canonical.ts";
import { DKIM_LIMITS } from "./limits.ts";
import type { TagList } from "./tag-list.ts";

/** A message as signatures see it. */
export type SignedMessage = {
  readonly octets: Buffer;
  readonly body: Buffer;
  /** Fields by lower-case name, from top to bottom. */
  readonly fields: ReadonlyMap<string, readonly Field[]>;
  /** The header is longer than anybody looks at; `fields` holds its beginning. */
  readonly tooLong: boolean;
};

/** Finds the fields as `message/` sees them, so that nobody else reads what was not signed. */
export function splitMessage(octets: Buffer): SignedMessage {
  const end = headerEnd(octets);
  const byName = new Map<string, Field[]>();
  let count = 0;
  let tooLong = end > DKIM_LIMITS.headerOctetsMax;
  for (const field of fields(octets, { start: 0, end })) {
    if (field.end > DKIM_LIMITS.headerOctetsMax || ++count > DKIM_LIMITS.headerFieldsMax) {
      tooLong = true;
      break;
    }
    const name = fieldKey(octets, field);
    const same = byName.get(name);
    if (same === undefined) byName.set(name, [field]);
    else same.push(field);
  }
  return { octets, body: octets.subarray(end), fields: byName, tooLong };
}

/** A field without the CRLF at its end, one character per octet; `valueStart` counts from its first. */
export type FieldText = { readonly text: string; readonly nameEnd: number; readonly valueStart: number };

export function fieldText(octets: Buffer, field: Field): FieldText {
  const { start } = field;
  return {
    text: octets.toString("latin1", start, textEnd(octets, field)),
    nameEnd: field.nameEnd - start,
    valueStart: field.valueStart - start,
  };
}

const textEnd = (octets: Buffer, { start, end }: Field): number =>
  end - start >= 2 && octets[end - 2] === CR && octets[end - 1] === LF ? end - 2 : end;

/** The value of a field as a tag list is read from it. */
export const fieldTags = ({ text, valueStart }: FieldText): string => text.slice(valueStart);

/** The field with b= emptied, canonical, without CRLF; how it enters its own signature. RFC 6376 §3.5, §3.7 */
export function withoutSignature(
  { text, nameEnd, valueStart }: FieldText,
  tags: TagList,
  kind: Canonicalization,
): string {
  const b = tags.get("b");
  const unsigned = b ? text.slice(0, valueStart + b.start) + text.slice(valueStart + b.end) : text;
  return canonicalField(kind, unsigned, nameEnd);
}

/**
 * The octets a message signature signs: the named fields, those of one name from the bottom up, then the signature's own
 * field, which h= never means. RFC 6376 §3.7, §5.4.2
 */
export function signedData(
  message: SignedMessage,
  names: readonly string[],
  kind: Canonicalization,
  own: { readonly canonical: string },
): Buffer {
  const { data, end } = writeSigned(
    message,
    signedFields(message, names, undefined),
    kind,
    own.canonical.length,
  );
  return data.subarray(0, end + data.write(own.canonical, end, "latin1"));
}

/** The same for a signature that stands in the message, of which b= is left out. RFC 6376 §3.5 */
export function dataSignedBy(
  message: SignedMessage,
  names: readonly string[],
  kind: Canonicalization,
  own: { readonly field: Field; readonly tags: TagList },
): Buffer {
  const { octets } = message;
  const { field, tags } = own;
  const end = textEnd(octets, field);
  const b = tags.get("b");
  const gapStart = b === undefined ? end : field.valueStart + b.start;
  const gapEnd = b === undefined ? end : field.valueStart + b.end;
  const signed = writeSigned(message, signedFields(message, names, field), kind, end - field.start);
  // The octet before the gap is `=` and the one behind it `;`: no white space spans it.
  const before = writeField(kind, octets, field, gapStart, signed.data, signed.end);
  const whole = writeValue(kind, octets, { start: gapEnd, end }, signed.data, before);
  return signed.data.subarray(0, whole);
}

/** Each field with its line end; room is left for what comes behind them. */
function writeSigned(
  { octets }: SignedMessage,
  signed: readonly Field[],
  kind: Canonicalization,
  behind_octets: number,
): { readonly data: Buffer; readonly end: number } {
  let room_octets = behind_octets;
  for (const { start, end } of signed) room_octets += end - start + 2;
  const data = Buffer.allocUnsafe(room_octets);
  let end = 0;
  for (const field of signed) {
    end = writeField(kind, octets, field, textEnd(octets, field), data, end);
    data[end++] = CR;
    data[end++] = LF;
  }
  return { data, end };
}

/** The fields that names mean, each once. */
function signedFields(message: SignedMessage, names: readonly string[], own: Field | undefined): Field[] {
  const left = new Map<string, number>();
  const signed: Field[] = [];
  for (const name of names) {
    const same = message.fields.get(name);
    if (same === undefined) continue;
    let next = (left.get(name) ?? same.length) - 1;
    if (own !== undefined && same[next]?.start === own.start) next--;
    left.set(name, Math.max(next, 0));
    const field = same[next];
    if (field !== undefined) signed.push(field);
  }
  return signed;
}
