/** Header octets as text: folding undone, UTF-8 where it is UTF-8, nothing that could break a line. */
import { isUtf8 } from "node:buffer";

const WINDOWS_1252 = new TextDecoder("windows-1252");

/** Undoes folding; stray CR and NUL become spaces; white space at the ends goes. RFC 5322 §2.2.3 */
export function unfold(raw: string): string {
  const open = /[\r\n\0]/.test(raw) ? raw.replace(/\r?\n|\r(?=[ \t])|\r$/g, "").replace(/[\r\0]/g, " ") : raw;
  return trimBlank(open);
}

/** Takes one character per octet; gives UTF-8 where that is valid, else windows-1252. RFC 6532 §3 */
export function headerText(raw: string): string {
  if (!/[\x80-\xff]/.test(raw)) return raw;
  const octets = Buffer.from(raw, "latin1");
  return isUtf8(octets) ? octets.toString("utf8") : WINDOWS_1252.decode(octets);
}

/** Without spaces and tabs at both ends; linear where a regular expression would not be. */
export function trimBlank(text: string): string {
  let start = 0;
  let end = text.length;
  while (start < end && isBlank(text.charCodeAt(start))) start++;
  while (end > start && isBlank(text.charCodeAt(end - 1))) end--;
  return start === 0 && end === text.length ? text : text.slice(start, end);
}

const isBlank = (code: number): boolean => code === 0x20 || code === 0x09;
