import { asciiUpper, hasControl } from "../base/ascii.ts";

export type ParsedCommand = {
  /** Upper case. */
  readonly keyword: string;
  /** Everything after the first space as it came: a password may hold spaces (RFC 1939 §7). Undefined: no space. */
  readonly argument: string | undefined;
};

const KEYWORD = /^[A-Za-z][A-Za-z0-9]{2,11}$/;

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** Octets as UTF-8 without controls; undefined for anything else. */
function decodeText(octets: Uint8Array): string | undefined {
  try {
    const text = utf8.decode(octets);
    return hasControl(text) ? undefined : text;
  } catch {
    return undefined;
  }
}

/**
 * Splits a line without its CRLF into keyword and argument. Undefined: not a command line.
 * RFC 1939 §3, RFC 2449 §4
 *
 *     command = keyword *(SP param) *CRLF
 *     keyword = 3*4VCHAR    ; longer ones are accepted, so that they can be named in the reply
 */
export function parseCommand(line: Uint8Array): ParsedCommand | undefined {
  const text = decodeText(line);
  if (text === undefined) return undefined;
  const space = text.indexOf(" ");
  const keyword = space < 0 ? text : text.slice(0, space);
  if (!KEYWORD.test(keyword)) return undefined;
  return { keyword: asciiUpper(keyword), argument: space < 0 ? undefined : text.slice(space + 1) };
}

/** Arguments separated by single spaces; an empty one makes the whole undefined. RFC 1939 §3 */
export function parseWords(argument: string): readonly string[] | undefined {
  const words = argument.trimEnd().split(" ");
  return words.includes("") ? undefined : words;
}

/** A number from 0 to `max` in at most ten digits; undefined for anything else. */
export function parseNumber(text: string, max: number): number | undefined {
  if (!/^[0-9]{1,10}$/.test(text)) return undefined;
  const value = Number(text);
  return value <= max ? value : undefined;
}

/**
 * A SASL response in base64, strict: no white space, padding in place, no stray bits. RFC 5034 §4, RFC 4648 §3
 * Undefined for anything else.
 */
export function parseBase64(text: string, max_octets: number): Buffer | undefined {
  if (text.length > max_octets) return undefined;
  const octets = Buffer.from(text, "base64");
  return octets.toString("base64") === text ? octets : undefined;
}

const HTTP_VERBS = new Set(["GET", "HEAD", "POST", "PUT", "DELETE", "CONNECT", "OPTIONS", "TRACE", "PATCH"]);

/** True for the first word of an HTTP request: a browser was led here to speak POP3 for somebody else. */
export const isHttpVerb = (keyword: string): boolean => HTTP_VERBS.has(keyword);
