import { CR, LF, SPACE, TAB } from "../../base/ascii.ts";
import { DKIM_LIMITS } from "./limits.ts";

export type Tag = {
  readonly name: string;
  /** Without white space at its ends; folds inside are kept. */
  readonly value: string;
  /** The text between `=` and `;`, white space included. */
  readonly start: number;
  readonly end: number;
};
export type TagList = ReadonlyMap<string, Tag>;

/** One alternative per character, so that the match is linear. Octets above 0x7F: RFC 8616. */
const TEXT = /^(?:[\t\x20-\x7e\x80-\xff]|\r\n(?=[\t ]))*$/;
const NAME = /^[A-Za-z][A-Za-z0-9_]*$/;

/**
 * Reads a tag list, one character per octet, folded or not. Undefined for anything else: controls, no `=`, an empty
 * tag in the middle, a name twice. RFC 6376 §3.2
 *
 *   tag-list = tag-spec *( ";" tag-spec ) [ ";" ]
 *   tag-spec = [FWS] tag-name [FWS] "=" [FWS] tag-value [FWS]
 *   tag-name = ALPHA *ALNUMPUNC
 */
export function parseTagList(text: string): TagList | undefined {
  if (text.length > DKIM_LIMITS.tagListOctetsMax || !TEXT.test(text)) return undefined;
  const tags = new Map<string, Tag>();
  let at = 0;
  while (at <= text.length) {
    const semicolon = text.indexOf(";", at);
    const end = semicolon < 0 ? text.length : semicolon;
    const tag = readTag(text, at, end);
    if (tag === undefined) return semicolon < 0 && tags.size > 0 && isBlank(text, at, end) ? tags : undefined;
    if (tags.has(tag.name) || tags.size === DKIM_LIMITS.tagsMax) return undefined;
    tags.set(tag.name, tag);
    at = end + 1;
  }
  return tags;
}

function readTag(text: string, from: number, end: number): Tag | undefined {
  const equals = text.indexOf("=", from);
  if (equals < 0 || equals >= end) return undefined;
  const name = trimmed(text, from, equals);
  if (!NAME.test(name)) return undefined;
  return { name, value: trimmed(text, equals + 1, end), start: equals + 1, end };
}

/** White space in base64 and lists says nothing. RFC 6376 §2.8 */
export const withoutSpace = (value: string): string => value.replace(/[ \t\r\n]+/g, "");

/** The elements of a list like `sha1 : sha256`. */
export const colonList = (value: string): string[] => withoutSpace(value).split(":");

/** base64string of RFC 6376 §2.10; undefined for other characters or nothing. Decoding passes over white space. */
export function decodeBase64Tag(value: string): Buffer | undefined {
  let digits = 0;
  let padding = 0;
  for (let i = 0; i < value.length; i++) {
    const code = value.charCodeAt(i);
    if (code === EQUALS) padding++;
    else if (isBase64(code)) {
      if (padding > 0) return undefined;
      digits++;
    } else if (!isSpace(code)) return undefined;
  }
  return digits > 0 && padding <= 2 ? Buffer.from(value, "base64") : undefined;
}

const EQUALS = 0x3d;

/** A-Z, a-z, 0-9, `+`, `/`. */
const isBase64 = (code: number): boolean =>
  (code >= 0x61 && code <= 0x7a) ||
  (code >= 0x41 && code <= 0x5a) ||
  (code >= 0x2f && code <= 0x39) ||
  code === 0x2b;

/** `trim` would also take octet 0xA0, which may end a UTF-8 letter. */
function trimmed(text: string, from: number, to: number): string {
  let start = from;
  let end = to;
  while (start < end && isSpace(text.charCodeAt(start))) start++;
  while (end > start && isSpace(text.charCodeAt(end - 1))) end--;
  return text.slice(start, end);
}

const isBlank = (text: string, from: number, to: number): boolean => trimmed(text, from, to) === "";

/** SP, HTAB, CR, LF. */
export const isSpace = (code: number): boolean =>
  code === SPACE || code === TAB || code === CR || code === LF;
