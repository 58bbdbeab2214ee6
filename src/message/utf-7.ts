/** UTF-7, which old Outlook wrote and nobody should. Decoding only. RFC 2152 */
import { asBuffer } from "./octets.ts";

const PLUS = 0x2b;
const MINUS = 0x2d;

/**
 * Decodes; what is not valid stays as it is written.
 *
 *   encoded = "+" *base64-char ["-"]
 */
export function decodeUtf7(octets: Uint8Array): string {
  const text = asBuffer(octets).toString("latin1");
  const pieces: string[] = [];
  let from = 0;
  while (from < text.length) {
    const plus = text.indexOf("+", from);
    if (plus < 0) break;
    pieces.push(text.slice(from, plus));
    let end = plus + 1;
    while (end < text.length && isBase64(text.charCodeAt(end))) end++;
    pieces.push(end === plus + 1 ? "+" : decodeShifted(text.slice(plus + 1, end)));
    from = text.charCodeAt(end) === MINUS ? end + 1 : end;
  }
  return pieces.join("") + text.slice(from);
}

/** UTF-16BE in base64; an odd octet at the end is padding. */
function decodeShifted(base64: string): string {
  const octets = Buffer.from(base64, "base64");
  const whole = octets.subarray(0, octets.length & ~1);
  return whole.swap16().toString("utf16le").toWellFormed();
}

const isBase64 = (code: number): boolean =>
  (code >= 0x41 && code <= 0x5a) ||
  (code >= 0x61 && code <= 0x7a) ||
  (code >= 0x2f && code <= 0x39) ||
  code === PLUS;
