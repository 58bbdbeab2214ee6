/** Text of header fields that is not ASCII. RFC 2047; language suffix RFC 2231 §5 */
import { isAscii } from "../base/ascii.ts";
import { decode } from "./charset.ts";
import { decodeBase64 } from "./transfer-encoding.ts";

/**
 * encoded-word = "=?" charset ["*" language] "?" encoding "?" encoded-text "?="
 *
 * Lenient: spaces inside the text, any length. No alternative can match in two ways, so the search is linear.
 */
const WORD = /=\?([^?\s*]{1,80})(?:\*[^?\s]{0,80})?\?([BbQq])\?([^?]*)\?=/g;

type Word = { readonly charset: string; readonly octets: Buffer };

/**
 * Decodes the encoded words of an unfolded value; white space between two of them goes, other text stays as it is.
 * Neighbours with the same charset are joined before decoding, for senders that cut inside a character.
 * Controls that come out of the words become spaces (D-41).
 */
export function decodeWords(text: string): string {
  if (!text.includes("=?")) return text;
  let decoded = "";
  let position = 0;
  let held: Word[] = [];
  for (const match of text.matchAll(WORD)) {
    const between = text.slice(position, match.index);
    if (held.length === 0 || !/^[ \t\r\n]*$/.test(between)) {
      decoded += flush(held) + between;
      held = [];
    }
    held.push(readWord(match));
    position = match.index + match[0].length;
  }
  return decoded + flush(held) + text.slice(position);
}

function readWord(match: RegExpExecArray): Word {
  const [, charset = "", encoding = "", body = ""] = match;
  const octets = Buffer.from(body, "utf8");
  return {
    charset: charset.toLowerCase(),
    octets: /b/i.test(encoding) ? decodeBase64(octets) : decodeQ(octets),
  };
}

function flush(words: readonly Word[]): string {
  let text = "";
  for (let i = 0; i < words.length;) {
    const charset = words[i]?.charset ?? "";
    let end = i + 1;
    while (words[end]?.charset === charset) end++;
    text += decode(Buffer.concat(words.slice(i, end).map((word) => word.octets)), charset);
    i = end;
  }
  return text.replace(/[\u0000-\u001f\u007f]/g, " ");
}

/** RFC 2047 §4.2: `_` is a space. */
function decodeQ(octets: Buffer): Buffer {
  let write = 0;
  for (let read = 0; read < octets.length; read++) {
    const octet = octets[read] ?? 0;
    const pair = octet === 0x3d ? octets.toString("latin1", read + 1, read + 3) : "";
    const isCode = /^[0-9A-Fa-f]{2}$/.test(pair);
    octets[write++] = isCode ? Number.parseInt(pair, 16) : octet === 0x5f ? 0x20 : octet;
    if (isCode) read += 2;
  }
  return octets.subarray(0, write);
}

/** Octets of text in one encoded word: `=?utf-8?B?` and `?=` around its base64 stay within 75. RFC 2047 §2 */
const B_OCTETS_MAX = 45;
/** Characters of Q text in one encoded word. */
const Q_LENGTH_MAX = 63;
/** A word longer than this is encoded too, so that a line can be folded. */
const PLAIN_WORD_LENGTH_MAX = 200;

/**
 * The text with encoded words where it needs them: from the first to the last word that is not ASCII, looks like an
 * encoded word or is too long to fold. Safe in unstructured fields and, with `phrase`, as a display name.
 * decodeWords(encodeWords(x)) = x for text without controls; controls become spaces.
 */
export function encodeWords(text: string): string {
  const clean = text.replace(/[\u0000-\u001f\u007f]/g, " ").toWellFormed();
  const span = needingSpan(clean);
  if (!span) return clean;
  return clean.slice(0, span.start) + encodeSpan(clean.slice(span.start, span.end)) + clean.slice(span.end);
}

/** Whole text as encoded words, for a display name that is not ASCII. RFC 2047 §5 (3) */
export const encodePhrase = (text: string): string =>
  encodeSpan(text.replace(/[\u0000-\u001f\u007f]/g, " ").toWellFormed());

function needingSpan(text: string): { start: number; end: number } | undefined {
  let start = -1;
  let end = 0;
  for (const { 0: word, index } of text.matchAll(/[^ ]+/g)) {
    if (isAscii(word) && !word.includes("=?") && word.length <= PLAIN_WORD_LENGTH_MAX) continue;
    if (start < 0) start = index;
    end = index + word.length;
  }
  return start < 0 ? undefined : { start, end };
}

/** Every encoded word holds whole characters. RFC 2047 §5 */
function encodeSpan(text: string): string {
  const q = quoted(text);
  const useQ = q.length <= Math.ceil(Buffer.byteLength(text) / 3) * 4;
  const words: string[] = [];
  let held = "";
  let width = 0;
  for (const char of text) {
    const size = useQ ? quoted(char).length : Buffer.byteLength(char);
    if (width + size > (useQ ? Q_LENGTH_MAX : B_OCTETS_MAX)) {
      words.push(encodedWord(held, useQ));
      held = "";
      width = 0;
    }
    held += char;
    width += size;
  }
  words.push(encodedWord(held, useQ));
  return words.join(" ");
}

const encodedWord = (text: string, useQ: boolean): string =>
  useQ ? `=?utf-8?Q?${quoted(text)}?=` : `=?utf-8?B?${Buffer.from(text, "utf8").toString("base64")}?=`;

/** Only what RFC 2047 §5 (3) allows in a phrase stays plain. */
function quoted(text: string): string {
  let result = "";
  for (const octet of Buffer.from(text, "utf8")) {
    const char = String.fromCharCode(octet);
    if (/[A-Za-z0-9!*+/-]/.test(char)) result += char;
    else result += char === " " ? "_" : `=${octet.toString(16).toUpperCase().padStart(2, "0")}`;
  }
  return result;
}
