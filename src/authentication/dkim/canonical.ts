/** The two ways of RFC 6376 §3.4 to make a message comparable after its journey. */
import { CR, LF, SPACE, TAB } from "../../base/ascii.ts";
import type { Field } from "../../message/header.ts";

export type Canonicalization = "simple" | "relaxed";

/**
 * One header field, one character per octet, without the CRLF at its end. A line end that is not CRLF is an octet like
 * others: what was not signed that way does not pass. RFC 6376 §3.4.1, §3.4.2
 */
export function canonicalField(kind: Canonicalization, field: string, nameEnd: number): string {
  if (kind === "simple") return field;
  const octets = Buffer.from(field, "latin1");
  const whole = { start: 0, nameEnd, valueStart: field.indexOf(":", nameEnd) + 1 };
  const out = Buffer.allocUnsafe(octets.length);
  return out.toString("latin1", 0, writeField(kind, octets, whole, octets.length, out, 0));
}

const COLON = 0x3a;

/**
 * The same for a field where it stands, up to `end`, written into `out` from `at` on, where it takes no more room than it
 * has; returns where it ends. In octets, as every signed message has a dozen fields and the pieces of their text would be
 * thrown away.
 */
export function writeField(
  kind: Canonicalization,
  octets: Buffer,
  { start, nameEnd, valueStart }: Omit<Field, "end">,
  end: number,
  out: Buffer,
  at: number,
): number {
  if (kind === "simple") return at + octets.copy(out, at, start, end);
  let to = at;
  for (let i = start; i < nameEnd; i++) out[to++] = lower(octets[i] as number);
  out[to++] = COLON;
  return writeValue(kind, octets, { start: valueStart, end }, out, to);
}

/** The same for a value, or what of one begins and ends with text. */
export function writeValue(
  kind: Canonicalization,
  octets: Buffer,
  { start, end }: { readonly start: number; readonly end: number },
  out: Buffer,
  at: number,
): number {
  if (kind === "simple") return at + octets.copy(out, at, start, end);
  let to = at;
  let blank = false;
  for (let i = start; i < end; i++) {
    const octet = octets[i] as number;
    if (octet === SPACE || octet === TAB) blank = true;
    else if (octet === CR && isFold(octets, i, end)) i++;
    else {
      if (blank && to > at) out[to++] = SPACE;
      blank = false;
      out[to++] = octet;
    }
  }
  return to;
}

const lower = (octet: number): number => (octet >= 0x41 && octet <= 0x5a ? octet + 0x20 : octet);

/** CRLF before white space, within the field. */
const isFold = (octets: Buffer, at: number, end: number): boolean =>
  at + 2 < end && octets[at + 1] === LF && (octets[at + 2] === SPACE || octets[at + 2] === TAB);

/**
 * The canonical form of a short body that is its own but for what stands behind it, as almost all are: where it ends in
 * the body. Undefined: others have to look. RFC 6376 §3.4.3, §3.4.4
 */
export function canonicalEnd(kind: Canonicalization, body: Buffer): number | undefined {
  if (body.length > PIECE_OCTETS) return undefined;
  let end = body.length;
  while (end >= 2 && body[end - 2] === CR && body[end - 1] === LF) end -= 2;
  const last = body[end - 1];
  if (end === body.length || last === undefined || last === SPACE || last === TAB) return undefined;
  return kind === "simple" || hasOnlySingleSpaces(body.subarray(0, end)) ? end + 2 : undefined;
}

/** Nothing in it changes. It begins and ends with text, or begins with line ends. */
const hasOnlySingleSpaces = (text: Buffer): boolean =>
  text.indexOf(TAB) < 0 && text.indexOf(TWO_SPACES) < 0 && text.indexOf(SPACE_AT_END) < 0;

/** Octets looked at in one go: small enough that one tab does not slow a whole attachment. */
const PIECE_OCTETS = 16 * 1024;
/** Line ends written among other octets; more of them go their own way. */
const BREAKS_INLINE_MAX = 32;
/** What may wait from before: those, white space, a CR. */
const ROOM_OCTETS = 2 * BREAKS_INLINE_MAX + 4;
const BREAKS = Buffer.from("\r\n".repeat(4096));
const TWO_SPACES = Buffer.from("  ");
const SPACE_AT_END = Buffer.from(" \r\n");

/**
 * A body, fed in pieces cut anywhere (C-12), whose canonical octets go to `sink`; they are valid during that call only.
 * Empty lines wait until text follows. Pieces in which nothing changes are passed on without a copy.
 * RFC 6376 §3.4.3, §3.4.4
 */
export class BodyCanonicalizer {
  readonly #relaxed: boolean;
  readonly #sink: (octets: Buffer) => void;
  readonly #out: Buffer;
  #used = 0;
  /** CRLFs, white space and a CR, in this order, that were read and not written. */
  #breaks = 0;
  #blank = false;
  #cr = false;
  #hasText = false;

  /** `longest_octets`: of any piece that will come; a short body needs little room. */
  constructor(kind: Canonicalization, sink: (octets: Buffer) => void, longest_octets = PIECE_OCTETS) {
    this.#out = Buffer.allocUnsafe(2 * Math.min(longest_octets, PIECE_OCTETS) + ROOM_OCTETS);
    this.#relaxed = kind === "relaxed";
    this.#sink = sink;
  }

  update(octets: Buffer): void {
    for (let at = 0; at < octets.length; at += PIECE_OCTETS) {
      this.#piece(octets.subarray(at, at + PIECE_OCTETS));
    }
  }

  /** The end of the body: white space and empty lines that still wait are gone. */
  end(): void {
    this.#flush();
    if (this.#cr) this.#put(CR);
    this.#breaks = this.#hasText || !this.#relaxed ? 1 : 0;
    this.#putBreaks();
    this.#flush();
  }

  #piece(octets: Buffer): void {
    let end = octets.length;
    while (end > 0 && this.#mayVanish(octets[end - 1])) end--;
    let start = 0;
    while (start < end && this.#mayVanish(octets[start])) start++;
    this.#walk(octets, 0, start);
    const text = octets.subarray(start, end);
    if (this.#isCanonical(text)) this.#pass(text);
    else this.#walk(octets, start, end);
    this.#walk(octets, end, octets.length);
  }

  #mayVanish(octet: number | undefined): boolean {
    return octet === CR || octet === LF || (this.#relaxed && (octet === SPACE || octet === TAB));
  }

  /** Begins and ends with text, and nothing in it changes. */
  #isCanonical(text: Buffer): boolean {
    return !this.#relaxed || hasOnlySingleSpaces(text);
  }

  #pass(text: Buffer): void {
    const [first] = text;
    if (first === undefined) return;
    if (this.#cr) {
      this.#cr = false;
      this.#put(CR);
    }
    this.#put(first);
    this.#flush();
    this.#sink(text.subarray(1));
  }

  #walk(octets: Buffer, from: number, to: number): void {
    if (this.#used + to - from + ROOM_OCTETS > this.#out.length) this.#flush();
    for (let i = from; i < to; i++) {
      const octet = octets[i] as number;
      if (octet === LF && this.#cr) {
        this.#cr = false;
        this.#blank = false;
        this.#breaks++;
        continue;
      }
      if (this.#cr) {
        this.#cr = false;
        this.#put(CR);
      }
      if (octet === CR) this.#cr = true;
      else if (this.#relaxed && (octet === SPACE || octet === TAB)) this.#blank = true;
      else this.#put(octet);
    }
  }

  #put(octet: number): void {
    if (this.#breaks > 0) this.#putBreaks();
    if (this.#blank) {
      this.#blank = false;
      this.#out[this.#used++] = SPACE;
    }
    this.#out[this.#used++] = octet;
    this.#hasText = true;
  }

  #putBreaks(): void {
    let left = this.#breaks * 2;
    this.#breaks = 0;
    if (left <= 2 * BREAKS_INLINE_MAX) {
      this.#used += BREAKS.copy(this.#out, this.#used, 0, left);
      return;
    }
    this.#flush();
    for (; left > 0; left -= BREAKS.length) this.#sink(BREAKS.subarray(0, left));
  }

  #flush(): void {
    if (this.#used > 0) this.#sink(this.#out.subarray(0, this.#used));
    this.#used = 0;
  }
}
