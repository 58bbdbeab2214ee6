/** Parameter lists of Content-Type and Content-Disposition, and RFC 2231 in both directions. */
import { asciiLower, BACKSLASH, DQUOTE, isAscii } from "../base/ascii.ts";
import { decode } from "./charset.ts";
import { decodeWords } from "./encoded-word.ts";
import { trimBlank } from "./header-text.ts";
import { MESSAGE_LIMITS } from "./limits.ts";
import type { Parameter } from "./outline.ts";

export type ParameterList = { readonly parameters: readonly Parameter[]; readonly overLimit: boolean };

/**
 * Reads what follows the value of a structured field. Lenient: a missing semicolon, quote or value, white space in
 * unquoted values. Pieces of RFC 2231 are joined; a joined value with a charset keeps the `*` at its name.
 * RFC 2045 §5.1, RFC 2231 §3-4
 *
 *   parameter = attribute "=" value
 *   value     = token / quoted-string
 */
export function parseParameters(text: string, start = 0): ParameterList {
  const found: Parameter[] = [];
  let position = start;
  while (position < text.length && found.length < MESSAGE_LIMITS.parametersMax) {
    const nameEnd = endOfName(text, position);
    const name = asciiLower(trimBlank(withoutComments(text.slice(position, nameEnd))));
    if (text[nameEnd] !== "=") {
      position = nameEnd + 1;
      continue;
    }
    const value = readValue(text, nameEnd + 1);
    position = value.end;
    if (name !== "") found.push([name, value.text]);
  }
  return { parameters: joinPieces(found), overLimit: position < text.length };
}

/** The value before the parameters, without comments and white space: `text/plain`, `attachment`, `base64`. */
export function leadingValue(text: string): { readonly value: string; readonly end: number } {
  const end = endOf(text, 0, ";");
  return { value: asciiLower(trimBlank(withoutComments(text.slice(0, end)))), end: end + 1 };
}

/** Text without RFC 5322 comments; an unclosed one reaches to the end. */
export function withoutComments(text: string): string {
  if (!text.includes("(")) return text;
  let kept = "";
  let depth = 0;
  let from = 0;
  for (let i = 0; i < text.length; i++) {
    const char = text[i];
    if (char === "\\") i++;
    else if (char === "(") {
      if (depth++ === 0) kept += text.slice(from, i);
    } else if (char === ")" && depth > 0 && --depth === 0) from = i + 1;
  }
  return depth === 0 ? kept + text.slice(from) : kept;
}

const endOf = (text: string, start: number, char: string): number => {
  const found = text.indexOf(char, start);
  return found < 0 ? text.length : found;
};

/** A name ends at `=`, or at `;` where it has no value. */
function endOfName(text: string, start: number): number {
  let i = start;
  while (i < text.length && text[i] !== "=" && text[i] !== ";") i++;
  return i;
}

type Value = { readonly text: string; readonly end: number };

function readValue(text: string, start: number): Value {
  let i = start;
  while (text[i] === " " || text[i] === "\t") i++;
  return text.charCodeAt(i) === DQUOTE ? readQuoted(text, i + 1) : readBare(text, i);
}

/** Up to the closing quote; without one, up to the next semicolon. */
function readQuoted(text: string, start: number): Value {
  let value = "";
  let from = start;
  for (let i = start; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code === BACKSLASH && i + 1 < text.length) {
      value += text.slice(from, i);
      from = ++i;
    } else if (code === DQUOTE) {
      return { text: value + text.slice(from, i), end: afterSeparator(text, i + 1) };
    }
  }
  const end = endOf(text, start, ";");
  return { text: trimBlank(text.slice(start, end)), end: end + 1 };
}

/** Between a quoted value and the next name stand white space and a semicolon, the latter sometimes forgotten. */
function afterSeparator(text: string, start: number): number {
  let i = start;
  while (text[i] === " " || text[i] === "\t") i++;
  return text[i] === ";" ? i + 1 : i;
}

/** A bracket after white space opens a comment; inside a word (`report(1).pdf`) it is part of the word. */
function readBare(text: string, start: number): Value {
  const end = endOf(text, start, ";");
  const raw = text.slice(start, end);
  const comment = /(?:^|[ \t])\(/.exec(raw);
  return { text: trimBlank(comment ? raw.slice(0, comment.index) : raw), end: end + 1 };
}

type Pieces = { readonly base: string; readonly at: number; readonly pieces: Map<number, Piece> };
type Piece = { readonly value: string; readonly extended: boolean };

/** Joins `name*0`, `name*1*`, … at the place of the first piece met; a gap ends the value. RFC 2231 §3 */
function joinPieces(found: readonly Parameter[]): readonly Parameter[] {
  if (!found.some(([name]) => name.includes("*"))) return found;
  const joined: (Parameter | undefined)[] = [];
  const groups = new Map<string, Pieces>();
  for (const [name, value] of found) {
    const match = /^([^*]+)\*(0|[1-9][0-9]{0,2})(\*?)$/.exec(name);
    if (!match) {
      joined.push([name, value]);
      continue;
    }
    const [, base = "", number = "", star = ""] = match;
    const group = groups.get(base) ?? {
      base,
      at: joined.push(undefined) - 1,
      pieces: new Map<number, Piece>(),
    };
    groups.set(base, group);
    if (!group.pieces.has(Number(number)))
      group.pieces.set(Number(number), { value, extended: star === "*" });
  }
  for (const group of groups.values()) joined[group.at] = joinGroup(group);
  return joined.filter((parameter) => parameter !== undefined);
}

function joinGroup({ base, pieces }: Pieces): Parameter {
  const extended = pieces.get(0)?.extended === true;
  let value = "";
  for (let i = 0; ; i++) {
    const piece = pieces.get(i);
    if (!piece) break;
    value += extended && !piece.extended ? percentEncodeRaw(piece.value) : piece.value;
  }
  return [extended ? `${base}*` : base, value];
}

/** A plain piece among extended ones means its characters literally. */
const percentEncodeRaw = (value: string): string => value.replaceAll("%", "%25");

/**
 * A parameter as people read it: `name*` decoded, else `name`, where encoded words (which RFC 2047 §5 forbids here)
 * are decoded because so many senders use them. RFC 2231 §4
 */
export function decodeParameter(parameters: readonly Parameter[], name: string): string | undefined {
  const extended = parameters.find(([key]) => key === `${name}*`);
  if (extended) return decodeExtended(extended[1]);
  const plain = parameters.find(([key]) => key === name);
  return plain === undefined ? undefined : decodeWords(plain[1]);
}

/**
 * Decodes an extended value; without the two quotes of charset and language the whole is the text.
 *
 *   extended-value = [charset] "'" [language] "'" *(ext-octet / attribute-char)
 */
export function decodeExtended(value: string): string {
  const first = value.indexOf("'");
  const second = first < 0 ? -1 : value.indexOf("'", first + 1);
  const charset = second < 0 ? "" : value.slice(0, first);
  const octets = percentDecode(second < 0 ? value : value.slice(second + 1));
  return decode(octets, charset === "" ? "utf-8" : charset).replace(/[\0\r\n]/g, " ");
}

function percentDecode(text: string): Buffer {
  const octets = Buffer.from(text, "utf8");
  let write = 0;
  for (let read = 0; read < octets.length; read++) {
    const code = octets[read] === 0x25 ? hexPair(octets, read + 1) : -1;
    octets[write++] = code < 0 ? (octets[read] ?? 0) : code;
    if (code >= 0) read += 2;
  }
  return octets.subarray(0, write);
}

function hexPair(octets: Uint8Array, at: number): number {
  const pair = String.fromCharCode(octets[at] ?? 0, octets[at + 1] ?? 0);
  return /^[0-9A-Fa-f]{2}$/.test(pair) ? Number.parseInt(pair, 16) : -1;
}

/** Octets of one piece that fit a line with name and number. */
const PIECE_LENGTH_MAX = 60;

/**
 * Writes `name=value`, quoted where needed, or in pieces of RFC 2231 where the value is long or not ASCII; pieces are
 * separated as parameters are. Controls become spaces. RFC 2045 §5.1, RFC 2231
 */
export function encodeParameter(name: string, value: string): string {
  const clean = value.replace(/[\u0000-\u001f\u007f]/g, " ").toWellFormed();
  if (isAscii(clean) && clean.length <= PIECE_LENGTH_MAX) {
    const isToken = /^[A-Za-z0-9!#$%&'*+.^_`{|}~-]+$/.test(clean);
    return `${name}=${isToken ? clean : `"${clean.replace(/["\\]/g, "\\$&")}"`}`;
  }
  const pieces = extendedPieces(clean);
  if (pieces.length === 1) return `${name}*=utf-8''${pieces[0]}`;
  return pieces.map((piece, i) => `${name}*${i}*=${i === 0 ? "utf-8''" : ""}${piece}`).join("; ");
}

/** Percent-encoded text, cut between characters. */
function extendedPieces(text: string): string[] {
  const pieces: string[] = [];
  let piece = "";
  for (const char of text) {
    const encoded = encodeURIComponent(char).replace(
      /[!'()*]/g,
      (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`,
    );
    if (piece.length + encoded.length > PIECE_LENGTH_MAX) {
      pieces.push(piece);
      piece = "";
    }
    piece += encoded;
  }
  return [...pieces, piece];
}
