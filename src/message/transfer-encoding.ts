/** Content-Transfer-Encodings. Decoding is lenient and never fails; encoding writes CRLF lines of 76. RFC 2045 §6 */
import { CR, LF, SPACE, TAB } from "../base/ascii.ts";
import { asBuffer } from "./octets.ts";

const EQUALS = 0x3d;
const LINE_LENGTH_MAX = 76;

/** Octets without their transfer encoding; undefined for an encoding we do not know. `encoding` in lower case. */
export function decodeTransfer(octets: Uint8Array, encoding: string): Buffer | undefined {
  switch (encoding) {
    case "7bit":
    case "8bit":
    case "binary":
      return asBuffer(octets);
    case "base64":
      return decodeBase64(octets);
    case "quoted-printable":
      return decodeQuotedPrintable(octets);
    default:
      return undefined;
  }
}

/** Characters outside the alphabet are passed over; padding in the middle ends one run and another follows. RFC 2045 §6.8 */
export function decodeBase64(octets: Uint8Array): Buffer {
  const buffer = asBuffer(octets);
  const padding = buffer.indexOf(EQUALS);
  const rest = padding < 0 ? 0 : buffer.length - padding;
  return rest <= PADDING_OCTETS_MAX ? Buffer.from(buffer.toString("latin1"), "base64") : decodeRuns(buffer);
}

/** `==` with a line end: what honest mail has at its end. */
const PADDING_OCTETS_MAX = 4;

const SEXTETS = new Int8Array(256).fill(-1);
const BASE64 = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
for (let value = 0; value < BASE64.length; value++) SEXTETS[BASE64.charCodeAt(value)] = value;

/** The slow way, for text with padding in the middle: several encoded texts one after another. */
function decodeRuns(octets: Uint8Array): Buffer {
  const decoded = Buffer.allocUnsafe(Math.ceil((octets.length * 3) / 4));
  let write = 0;
  let bits = 0;
  let held = 0;
  for (const octet of octets) {
    const sextet = SEXTETS[octet] ?? -1;
    if (octet === EQUALS) held = 0;
    if (sextet < 0) continue;
    bits = ((bits << 6) | sextet) & 0xffff;
    held += 6;
    if (held < 8) continue;
    held -= 8;
    decoded[write++] = (bits >> held) & 0xff;
  }
  return decoded.subarray(0, write);
}

/** Soft line breaks go, white space before a line end goes, an `=` that encodes nothing stays. RFC 2045 §6.7 */
export function decodeQuotedPrintable(octets: Uint8Array): Buffer {
  const decoded = Buffer.allocUnsafe(octets.length);
  let write = 0;
  /** End of what is certain: white space after it is dropped when the line ends. */
  let solid = 0;
  for (let read = 0; read < octets.length; read++) {
    const octet = octets[read] ?? 0;
    if (octet === EQUALS) {
      const value = hexPair(octets[read + 1], octets[read + 2]);
      const soft = value < 0 ? softBreakEnd(octets, read + 1) : -1;
      if (soft >= 0) read = soft - 1;
      else decoded[write++] = value < 0 ? EQUALS : value;
      if (value >= 0) read += 2;
      solid = write;
    } else if (octet === LF || octet === CR) {
      write = solid;
      decoded[write++] = octet;
      solid = write;
    } else {
      decoded[write++] = octet;
      if (octet !== SPACE && octet !== TAB) solid = write;
    }
  }
  return decoded.subarray(0, solid);
}

/** Offset after `*WSP line-end` (or the end of the octets), or -1. */
function softBreakEnd(octets: Uint8Array, start: number): number {
  let i = start;
  while (octets[i] === SPACE || octets[i] === TAB) i++;
  if (i >= octets.length) return i;
  if (octets[i] === CR) return octets[i + 1] === LF ? i + 2 : i + 1;
  return octets[i] === LF ? i + 1 : -1;
}

function hexPair(high: number | undefined, low: number | undefined): number {
  const h = hexDigit(high);
  const l = hexDigit(low);
  return h < 0 || l < 0 ? -1 : h * 16 + l;
}

function hexDigit(octet = 0): number {
  if (octet >= 0x30 && octet <= 0x39) return octet - 0x30;
  const upper = octet & ~0x20;
  return upper >= 0x41 && upper <= 0x46 ? upper - 0x37 : -1;
}

/** Lines of 76 characters, each ended by CRLF. */
export function encodeBase64(octets: Uint8Array): string {
  const text = asBuffer(octets).toString("base64");
  let lines = "";
  for (let i = 0; i < text.length; i += LINE_LENGTH_MAX) lines += `${text.slice(i, i + LINE_LENGTH_MAX)}\r\n`;
  return lines;
}

/**
 * Text as quoted-printable: CRLF, CR and LF all become line ends. Also encoded: `From ` and dots at the start of a
 * line, which some servers on the way change. RFC 2045 §6.7, RFC 2049 §3
 */
export function encodeQuotedPrintable(text: string): string {
  return text
    .split(/\r\n|\r|\n/)
    .map(quoteLine)
    .join("\r\n");
}

function quoteLine(line: string): string {
  const octets = Buffer.from(line, "utf8");
  let quoted = "";
  let width = 0;
  for (const [i, octet] of octets.entries()) {
    const last = i === octets.length - 1;
    const piece = isPlain(octet, width === 0, last) ? String.fromCharCode(octet) : hexCode(octet);
    if (width + piece.length > LINE_LENGTH_MAX - (last ? 0 : 1)) {
      quoted += "=\r\n";
      width = 0;
    }
    quoted += piece;
    width += piece.length;
  }
  return quoted;
}

function isPlain(octet: number, first: boolean, last: boolean): boolean {
  if (octet === SPACE || octet === TAB) return !last;
  if (first && (octet === 0x2e || octet === 0x46)) return false;
  return octet > SPACE && octet < 0x7f && octet !== EQUALS;
}

const hexCode = (octet: number): string => `=${octet.toString(16).toUpperCase().padStart(2, "0")}`;
