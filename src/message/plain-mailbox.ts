/** The shape that almost every address field has, read without tokens. */
import type { Mailbox } from "./address.ts";
import { isAtom } from "./address-token.ts";

/** Far below what the limits of a list could cut. */
const LENGTH_MAX = 256;
const DOT = 0x2e;
const SPACE = 0x20;

/**
 * One mailbox without quotes, comments and stray white space; undefined for everything else, which the parser of lists
 * reads, and reads these the same way.
 *
 *   plain-mailbox = dot-atom "@" dot-atom / [1*atext *(" " 1*atext) " "] "<" dot-atom "@" dot-atom ">"
 */
export function plainMailbox(text: string): Mailbox | undefined {
  if (text.length > LENGTH_MAX) return undefined;
  const open = text.indexOf("<");
  const at = text.indexOf("@", open + 1);
  const end = open < 0 ? text.length : text.length - 1;
  if (at < 0 || (open >= 0 && text[end] !== ">")) return undefined;
  if (!isJoined(text, open + 1, at, DOT) || !isJoined(text, at + 1, end, DOT)) return undefined;
  const localPart = text.slice(open + 1, at);
  const domain = text.slice(at + 1, end);
  if (open <= 0) return { kind: "mailbox", localPart, domain };
  if (text[open - 1] !== " " || !isJoined(text, 0, open - 1, SPACE)) return undefined;
  return { kind: "mailbox", name: text.slice(0, open - 1), localPart, domain };
}

/** Atoms with one separator between each two. */
function isJoined(text: string, start: number, end: number, separator: number): boolean {
  let length = 0;
  for (let i = start; i < end; i++) {
    const code = text.charCodeAt(i);
    if (isAtom(code)) length++;
    else if (code === separator && length > 0) length = 0;
    else return false;
  }
  return length > 0;
}
