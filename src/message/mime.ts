/** The analysis of a message: one pass over its octets gives envelope and part tree with exact ranges. */
import { CR, LF, SPACE, TAB } from "../base/ascii.ts";
import { MESSAGE_RFC822, readContent, TEXT_PLAIN, type ReadContent } from "./content-fields.ts";
import { readEnvelope, readReferences } from "./envelope.ts";
import {
  fieldAt,
  isBlank,
  isEmptyLine,
  isNamed,
  lineEndOf,
  nextLine,
  rawValue,
  type Field,
} from "./header.ts";
import { MESSAGE_LIMITS } from "./limits.ts";
import { asBuffer } from "./octets.ts";
import type { Outline, Part, Range } from "./outline.ts";

const DASH = 0x2d;

/** Why the analysis of a part or a header stopped early. */
export type MimeDefect =
  | "nesting-too-deep"
  | "too-many-parts"
  | "too-many-header-lines"
  | "header-too-large"
  | "too-many-parameters"
  | "too-many-addresses"
  | "boundary-too-long"
  | "multipart-without-boundary"
  | "multipart-without-parts";

/**
 * Reads the structure of a message. Decodes nothing, never throws, takes linear time; over a limit it knows less and
 * says so in `defects`. A multipart that has no parts (no boundary, none found, too deep) becomes a leaf, so
 * `type` is `multipart` exactly where `parts` is not empty. `message` is there for a message/rfc822 or message/global
 * that is not encoded; others stay leaves. RFC 2045, 2046, 5322
 *
 * A body's `lines` are its line ends. An empty line belongs to the header before it; the line end before a delimiter
 * belongs to the delimiter (RFC 2046 §5.1.1), except where that line end already ends a header.
 *
 * Deviation: a line is a delimiter when nothing but white space follows the boundary; the prose of RFC 2046 would
 * accept any line that begins with it, and take `--ab` for the delimiter of `a`.
 */
export function scan(octets: Uint8Array): Outline {
  return new Scanner(asBuffer(octets)).scan();
}

/** A delimiter line found: whose it is, and where the line ends. */
type Delimiter = { readonly level: number; readonly closes: boolean; readonly after: number };

type Entity = {
  readonly kind: "message" | "part";
  readonly absent: typeof TEXT_PLAIN;
  readonly depth: number;
};

class Scanner {
  readonly #octets: Buffer;
  readonly #lineEnd: number;
  readonly #defects = new Set<MimeDefect>();
  /** Boundaries of the multiparts around the position; the level grows inwards. */
  readonly #open = new Map<string, number>();
  #level = 0;
  #partCount = 0;
  #position = 0;
  /** Line ends before the position. */
  #line = 0;
  /** Set while the position stands on a delimiter line that some multipart has yet to take. */
  #delimiter: Delimiter | undefined;
  /** End of the latest header: no body ends before it. */
  #floor = 0;

  constructor(octets: Buffer) {
    this.#octets = octets;
    this.#lineEnd = lineEndOf(octets);
  }

  scan(): Outline {
    const { part, fields } = this.#entity({ kind: "message", absent: TEXT_PLAIN, depth: 0 });
    return {
      size: this.#octets.length,
      envelope: this.#envelope(fields),
      root: part,
      references: readReferences(fields),
      defects: [...this.#defects],
    };
  }

  /** From the first line of a header to the delimiter that ends the body, or the end of the message. */
  #entity(entity: Entity): { readonly part: Part; readonly fields: ReadonlyMap<string, string> } {
    this.#partCount++;
    const header = this.#header(entity.kind === "message" ? MESSAGE_FIELDS : PART_FIELDS);
    const { fields } = header;
    const read = readContent(fields, entity.absent);
    if (read.parametersOverLimit) this.#defects.add("too-many-parameters");
    const start = this.#position;
    const line = this.#line;
    const inside = this.#body(read, entity.depth);
    const end = this.#bodyEnd();
    const part: Part = {
      ...read.content,
      ...inside,
      header: { start: header.start, end: header.end },
      body: { start, end },
      lines: this.#line - line - (this.#delimiter && end < this.#position ? 1 : 0),
    };
    return { part, fields };
  }

  /** Children or message inside; what replaces the type where a multipart has none. */
  #body(read: ReadContent, depth: number): Pick<Part, "parts"> & Partial<Part> {
    const { content, boundary } = read;
    if (content.type === "multipart") return this.#multipart(content.subtype, boundary, depth);
    const isMessage =
      content.type === "message" && (content.subtype === "rfc822" || content.subtype === "global");
    if (isMessage && IDENTITY_ENCODINGS.has(content.encoding) && this.#mayDescend(depth)) {
      const { part: root, fields } = this.#entity({ kind: "message", absent: TEXT_PLAIN, depth: depth + 1 });
      return { parts: [], message: { envelope: this.#envelope(fields), root } };
    }
    this.#skipToDelimiter();
    return { parts: [] };
  }

  #multipart(
    subtype: string,
    boundary: string | undefined,
    depth: number,
  ): Pick<Part, "parts"> & Partial<Part> {
    if (boundary === undefined) return this.#unreadable("multipart-without-boundary");
    if (boundary.length > MESSAGE_LIMITS.boundaryOctetsMax) return this.#unreadable("boundary-too-long");
    if (!this.#mayDescend(depth)) {
      this.#skipToDelimiter();
      return { type: "application", subtype: "octet-stream", parameters: [], parts: [] };
    }
    const absent = subtype === "digest" ? MESSAGE_RFC822 : TEXT_PLAIN;
    const parts = this.#children(boundary, { kind: "part", absent, depth: depth + 1 });
    if (parts.length > 0) return { parts };
    return this.#unreadable("multipart-without-parts");
  }

  /** A multipart that cannot be taken apart is shown as text. RFC 2045 §5.2 */
  #unreadable(defect: MimeDefect): Pick<Part, "parts"> & Partial<Part> {
    this.#defects.add(defect);
    this.#skipToDelimiter();
    return { ...TEXT_PLAIN, parts: [] };
  }

  #children(boundary: string, child: Entity): Part[] {
    const shadowed = this.#open.get(boundary);
    const level = ++this.#level;
    const parts: Part[] = [];
    this.#open.set(boundary, level);
    this.#skipToDelimiter();
    while (this.#delimiter?.level === level && !this.#delimiter.closes && this.#partsLeft()) {
      this.#takeDelimiter(this.#delimiter);
      parts.push(this.#entity(child).part);
    }
    if (shadowed === undefined) this.#open.delete(boundary);
    else this.#open.set(boundary, shadowed);
    this.#level--;
    if (this.#delimiter?.level === level) {
      this.#takeDelimiter(this.#delimiter);
      this.#skipToDelimiter();
    }
    return parts;
  }

  #mayDescend(depth: number): boolean {
    if (depth < MESSAGE_LIMITS.nestingMax) return this.#partsLeft();
    this.#defects.add("nesting-too-deep");
    return false;
  }

  #partsLeft(): boolean {
    if (this.#partCount < MESSAGE_LIMITS.partsMax) return true;
    this.#defects.add("too-many-parts");
    return false;
  }

  /** Moves over the header and its empty line, or to a delimiter that cuts it off. `fields`: as far as the limits let us read. */
  #header(wanted: NamesByLength): Range & { readonly fields: ReadonlyMap<string, string> } {
    const octets = this.#octets;
    const start = this.#position;
    const { headerLinesMax, headerOctetsMax } = MESSAGE_LIMITS;
    const fields = new Map<string, string>();
    let readable = octets.length;
    let fieldStart = start;
    for (
      let lines = 0;
      !this.#delimiter && this.#position < octets.length && !this.#findDelimiter();
      lines++
    ) {
      const at = this.#position;
      if (lines === headerLinesMax) readable = at;
      if (at > fieldStart && !isBlank(octets[at])) {
        this.#takeField(fields, wanted, fieldStart, Math.min(at, readable, start + headerOctetsMax));
        fieldStart = at;
      }
      this.#moveTo(nextLine(octets, at, this.#lineEnd));
      if (isEmptyLine(octets, at, this.#position)) break;
    }
    const end = this.#position;
    this.#floor = end;
    this.#takeField(fields, wanted, fieldStart, Math.min(end, readable, start + headerOctetsMax));
    if (readable < end) this.#defects.add("too-many-header-lines");
    if (end - start > headerOctetsMax) this.#defects.add("header-too-large");
    return { start, end, fields };
  }

  /** The lines of one field, where it is one and wanted. */
  #takeField(found: Map<string, string>, wanted: NamesByLength, start: number, end: number): void {
    const octets = this.#octets;
    const field = fieldAt(octets, start, end);
    const name = field && nameAmong(wanted, octets, field);
    if (field === undefined || name === undefined) return;
    const earlier = found.get(name);
    if (earlier === undefined) found.set(name, rawValue(octets, field));
    else if (DESTINATION_FIELDS.has(name)) found.set(name, `${earlier},${rawValue(octets, field)}`);
  }

  #envelope(fields: ReadonlyMap<string, string>): Outline["envelope"] {
    return readEnvelope(fields, (defect) => this.#defects.add(defect));
  }

  #bodyEnd(): number {
    if (!this.#delimiter) return this.#octets.length;
    const at = this.#position;
    const ending = this.#octets[at - 1] === LF && this.#octets[at - 2] === CR ? 2 : 1;
    return Math.max(at - ending, this.#floor);
  }

  #moveTo(position: number): void {
    if (this.#octets[position - 1] === this.#lineEnd) this.#line++;
    this.#position = position;
  }

  #takeDelimiter({ after }: Delimiter): void {
    this.#moveTo(after);
    this.#delimiter = undefined;
  }

  /** Moves to the next delimiter line of any open multipart, or to the end. The hot loop. */
  #skipToDelimiter(): void {
    if (this.#delimiter) return;
    const octets = this.#octets;
    const lineEnd = this.#lineEnd;
    const size = octets.length;
    if (this.#open.size === 0) return this.#skipToEnd();
    while (this.#position < size) {
      if (octets[this.#position] === DASH && this.#findDelimiter()) return;
      const after = lineAfter(octets, this.#position, lineEnd);
      if (after < 0) {
        this.#position = size;
        return;
      }
      this.#position = after;
      this.#line++;
    }
  }

  /** Outside of any multipart nothing is a delimiter: what is left is lines. */
  #skipToEnd(): void {
    const size = this.#octets.length;
    for (let at = this.#position; at < size; at += STRETCH_OCTETS)
      this.#line += lineEndsIn(this.#octets.toString("latin1", at, at + STRETCH_OCTETS), this.#lineEnd);
    this.#position = size;
  }

  /** True, and remembered, when the position stands on a delimiter line; the innermost multipart wins. */
  #findDelimiter(): boolean {
    const octets = this.#octets;
    const at = this.#position;
    if (this.#open.size === 0 || octets[at] !== DASH || octets[at + 1] !== DASH) return false;
    const after = nextLine(octets, at, this.#lineEnd);
    let end = after;
    while (end > at + 2 && isPadding(octets[end - 1])) end--;
    const length = end - at - 2;
    if (length === 0 || length > MESSAGE_LIMITS.boundaryOctetsMax + 2) return false;
    const text = octets.toString("latin1", at + 2, end);
    const opens = this.#open.get(text) ?? 0;
    const closes = text.endsWith("--") ? (this.#open.get(text.slice(0, -2)) ?? 0) : 0;
    if (opens === 0 && closes === 0) return false;
    this.#delimiter = { level: Math.max(opens, closes), closes: closes > opens, after };
    return true;
  }
}

/** So much is made a text at a time: a search costs half as much there as in a buffer. */
const STRETCH_OCTETS = 64 * 1024;

function lineEndsIn(text: string, lineEnd: number): number {
  const end = lineEnd === LF ? "\n" : "\r";
  let count = 0;
  for (let at = text.indexOf(end); at >= 0; at = text.indexOf(end, at + 1)) count++;
  return count;
}

/** Short lines are found faster octet by octet, long ones by the platform's search. */
const SHORT_LINE_OCTETS = 12;

/** Offset after the next line end, or -1. */
function lineAfter(octets: Buffer, position: number, lineEnd: number): number {
  const near = Math.min(position + SHORT_LINE_OCTETS, octets.length);
  for (let i = position; i < near; i++) if (octets[i] === lineEnd) return i + 1;
  const found = octets.indexOf(lineEnd, near);
  return found < 0 ? -1 : found + 1;
}

/** transport-padding, and the line end. RFC 2046 §5.1.1 */
const isPadding = (octet: number | undefined): boolean =>
  octet === SPACE || octet === TAB || octet === CR || octet === LF;

const IDENTITY_ENCODINGS: ReadonlySet<string> = new Set(["7bit", "8bit", "binary"]);

/** Several of these are one list. RFC 5322 §4.5.3 */
const DESTINATION_FIELDS: ReadonlySet<string> = new Set(["to", "cc", "bcc"]);

/** Names in lower case, at the index that is their length. */
type NamesByLength = readonly (readonly string[])[];

function byLength(names: readonly string[]): NamesByLength {
  const found: string[][] = [];
  for (const name of names) (found[name.length] ??= []).push(name);
  return Array.from(found, (same) => same ?? []);
}

/** The field's name where it is wanted. Most of a header is not, and no text is made of it. */
function nameAmong(wanted: NamesByLength, octets: Buffer, field: Field): string | undefined {
  return wanted[field.nameEnd - field.start]?.find((name) => isNamed(octets, field, name));
}

const CONTENT_FIELDS = [
  "content-type",
  "content-transfer-encoding",
  "content-id",
  "content-description",
  "content-disposition",
  "content-language",
  "content-location",
  "content-md5",
];
const PART_FIELDS = byLength(CONTENT_FIELDS);
const MESSAGE_FIELDS = byLength([
  ...CONTENT_FIELDS,
  "date",
  "subject",
  "from",
  "sender",
  "reply-to",
  "to",
  "cc",
  "bcc",
  "in-reply-to",
  "message-id",
  "references",
]);
