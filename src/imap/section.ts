import { fieldKey, fields } from "../message/header.ts";
import type { Outline, Part, Range } from "../message/outline.ts";
import type { Cursor } from "./cursor.ts";
import { IMAP_LIMITS } from "./limits.ts";

/** What stands between the brackets of BODY[…]. RFC 9051 §6.4.5.1 */
export type Section = {
  /** Part numbers, from 1; empty: the message itself. */
  readonly path: readonly number[];
  readonly text: "all" | "header" | "fields" | "fields-not" | "text" | "mime";
  /** Lower case, for HEADER.FIELDS and HEADER.FIELDS.NOT. */
  readonly fields: readonly string[];
  /** As it is written in the response. */
  readonly label: string;
};

const PATH_MAX = 60;

/**
 *     section-spec = section-msgtext / (section-part ["." section-text])
 */
export function section(cursor: Cursor): Section {
  const path: number[] = [];
  let dot = true;
  while (dot && /[0-9]/.test(cursor.peek())) {
    const number = cursor.number();
    if (number === 0 || path.length >= PATH_MAX) cursor.fail("a part number");
    path.push(number);
    dot = cursor.take(".");
  }
  const prefix = path.join(".");
  if (path.length > 0 && !dot) return { path, text: "all", fields: [], label: prefix };
  const kind = path.length === 0 && cursor.peek() === "]" ? "all" : sectionText(cursor, path.length > 0);
  const names = kind === "fields" || kind === "fields-not" ? headerNames(cursor) : [];
  return {
    path,
    text: kind,
    fields: names.map((name) => name.toLowerCase()),
    label: labelOf(prefix, kind, names),
  };
}

/** Longer words first: HEADER begins HEADER.FIELDS. */
function sectionText(cursor: Cursor, inPart: boolean): Section["text"] {
  if (cursor.take("HEADER.FIELDS.NOT")) return "fields-not";
  if (cursor.take("HEADER.FIELDS")) return "fields";
  if (cursor.take("HEADER")) return "header";
  if (cursor.take("TEXT")) return "text";
  if (inPart && cursor.take("MIME")) return "mime";
  cursor.fail("a section");
  return "all";
}

function headerNames(cursor: Cursor): string[] {
  cursor.space();
  const names = cursor.list(() => cursor.astring().toString("latin1"), IMAP_LIMITS.headerFields);
  if (names.length === 0) cursor.fail("a header field name");
  return names;
}

const WORDS = {
  all: "",
  header: "HEADER",
  fields: "HEADER.FIELDS",
  "fields-not": "HEADER.FIELDS.NOT",
  text: "TEXT",
  mime: "MIME",
} as const;

function labelOf(prefix: string, kind: Section["text"], names: readonly string[]): string {
  const list =
    names.length === 0
      ? ""
      : ` (${names.map((name) => (/^[A-Za-z0-9-]+$/.test(name) ? name : `"${name.replace(/["\\]/g, "\\$&")}"`)).join(" ")})`;
  return [prefix, WORDS[kind]].filter((part) => part !== "").join(".") + list;
}

/** The part a path names; a message that is not multipart has one part, itself. RFC 9051 §6.4.5.1 */
export function findPart(outline: Outline, path: readonly number[]): Part | undefined {
  let part: Part | undefined;
  for (const number of path) {
    // Below a message/rfc822 the numbers count the parts of the message it holds.
    const around: Part | undefined =
      part === undefined ? outline.root : (part.message?.root ?? (part.parts.length > 0 ? part : undefined));
    if (around === undefined) return undefined;
    part = around.parts.length > 0 ? around.parts[number - 1] : number === 1 ? around : undefined;
    if (part === undefined) return undefined;
  }
  return part;
}

/** Where the octets of a section lie in the message; for HEADER.FIELDS those of the whole header. Undefined: NIL. */
export function locate(outline: Outline, { path, text }: Section): Range | undefined {
  if (path.length === 0) {
    const { header, body } = outline.root;
    if (text === "all") return { start: 0, end: outline.size };
    return text === "text" ? body : header;
  }
  const part = findPart(outline, path);
  if (part === undefined) return undefined;
  if (text === "all") return part.body;
  if (text === "mime") return part.header;
  const inner = part.message?.root;
  return text === "text" ? inner?.body : inner?.header;
}

/** The fields that are named, or all others, as they stand, with the empty line at the end. RFC 9051 §6.4.5.1 */
export function filterHeader(header: Buffer, { text, fields: wanted }: Section): Buffer {
  const names = new Set(wanted);
  const kept: Buffer[] = [];
  for (const field of fields(header)) {
    if (names.has(fieldKey(header, field)) === (text === "fields"))
      kept.push(header.subarray(field.start, field.end));
  }
  return Buffer.concat([...kept, Buffer.from("\r\n")]);
}
