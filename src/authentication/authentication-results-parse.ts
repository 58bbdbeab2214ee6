import { asciiLower } from "../base/ascii.ts";
import { parseDomain } from "../base/domain-name.ts";
import { removeFields } from "../message/header.ts";

/** Where a result comes from: `smtp.mailfrom=example.net`. */
export type ReportedProperty = { readonly type: string; readonly name: string; readonly value: string };

/** One `resinfo`. */
export type ReportedResult = {
  readonly method: string;
  readonly result: string;
  readonly reason?: string;
  readonly properties: readonly ReportedProperty[];
};

/** What one server says of a message; no results: it checked nothing. */
export type ReportedResults = { readonly authServId: string; readonly results: readonly ReportedResult[] };

/** A header of RFC 5322 may be long, but no honest server says this much in one field. */
const VALUE_LENGTH_MAX = 32_768;
/** More signatures than anyone verifies. */
const RESULTS_MAX = 100;
const PROPERTIES_MAX = 32;
/** RFC 8617 §4.2.1 */
const INSTANCE_MAX = 50;

type Cursor = { readonly text: string; at: number };

const KEYWORD = /[a-z0-9](?:[a-z0-9_-]*[a-z0-9])?/iy;
/** A token, and what others leave unquoted: slashes and equals signs of base64, colons of addresses. */
const BARE = /[^\s;()"\\]+/y;
const BLANK = /[ \t\r\n]*/y;

/**
 * Reads the value of an Authentication-Results field, unfolded or not. Undefined without an authserv-id; a result that
 * cannot be read is passed over, comments are dropped, names come in lower case. RFC 8601 §2.2
 *
 *   authres-payload = [CFWS] authserv-id [ CFWS authres-version ] ( no-result / 1*resinfo ) [CFWS]
 *   resinfo = [CFWS] ";" methodspec [ CFWS reasonspec ] [ CFWS 1*propspec ]
 */
export function parseAuthenticationResults(text: string): ReportedResults | undefined {
  if (text.length > VALUE_LENGTH_MAX) return undefined;
  return readPayload({ text, at: 0 });
}

/**
 * The same behind the instance of an ARC set. RFC 8617 §4.1.1
 *
 *   arc-info = instance [CFWS] ";" authres-payload
 *   instance = [CFWS] %s"i" [CFWS] "=" [CFWS] 1*DIGIT
 */
export function parseArcAuthenticationResults(
  text: string,
): (ReportedResults & { readonly instance: number }) | undefined {
  if (text.length > VALUE_LENGTH_MAX) return undefined;
  const cursor: Cursor = { text, at: 0 };
  skipComments(cursor);
  if (asciiLower(take(cursor, KEYWORD) ?? "") !== "i" || !skipChar(cursor, "=")) return undefined;
  skipComments(cursor);
  const digits = take(cursor, /[0-9]{1,4}/y);
  const instance = Number(digits ?? 0);
  if (instance < 1 || instance > INSTANCE_MAX || !skipChar(cursor, ";")) return undefined;
  const payload = readPayload(cursor);
  return payload && { instance, ...payload };
}

/**
 * Cuts out the Authentication-Results fields that claim to be ours; all other octets stay. What cannot be read but
 * names us goes too, for nobody knows how the next reader takes it. RFC 8601 §5; C-23
 */
export function withoutForged(octets: Buffer, authServId: string): Buffer {
  return removeFields(octets, "Authentication-Results", (value) => claims(value, comparable(authServId)));
}

function claims(value: string, own: string): boolean {
  const cursor: Cursor = { text: value, at: 0 };
  skipComments(cursor);
  const claimed = readQuoted(cursor) ?? take(cursor, /[^\s;()"\\/=,]+/y);
  if (claimed === undefined) return asciiLower(value).includes(own);
  return comparable(claimed) === own;
}

const comparable = (id: string): string => parseDomain(id.trim()) ?? asciiLower(id.trim());

function readPayload(cursor: Cursor): ReportedResults | undefined {
  skipComments(cursor);
  const authServId = readQuoted(cursor) ?? take(cursor, BARE);
  if (authServId === undefined) return undefined;
  skipComments(cursor);
  // Version 1 is the only one there is.
  take(cursor, /[0-9]{1,9}(?=[\s;(]|$)/y);
  const results: ReportedResult[] = [];
  while (skipToResult(cursor) && results.length < RESULTS_MAX) {
    const result = readResult(cursor);
    if (result !== undefined) results.push(result);
  }
  return { authServId, results };
}

/** Behind the next semicolon that stands in no comment and no quoted string. */
function skipToResult(cursor: Cursor): boolean {
  while (cursor.at < cursor.text.length) {
    if (skipChar(cursor, ";")) return true;
    if (readQuoted(cursor) === undefined && cursor.at < cursor.text.length) cursor.at++;
  }
  return false;
}

/** methodspec = [CFWS] method [CFWS] "=" [CFWS] result */
function readResult(cursor: Cursor): ReportedResult | undefined {
  skipComments(cursor);
  const method = take(cursor, KEYWORD);
  if (method === undefined) return undefined;
  if (skipChar(cursor, "/")) {
    skipComments(cursor);
    take(cursor, /[0-9]{1,9}/y);
  }
  if (!skipChar(cursor, "=")) return undefined;
  skipComments(cursor);
  const result = take(cursor, KEYWORD);
  if (result === undefined) return undefined;
  let reason: string | undefined;
  const properties: ReportedProperty[] = [];
  for (;;) {
    const next = readDetail(cursor);
    if (next === undefined) break;
    if (typeof next === "string") reason ??= next;
    else if (properties.length < PROPERTIES_MAX) properties.push(next);
  }
  return {
    method: asciiLower(method),
    result: asciiLower(result),
    ...(reason === undefined ? {} : { reason }),
    properties,
  };
}

/**
 * A reason (text) or a property; undefined at the end of the result.
 *
 *   reasonspec = "reason" [CFWS] "=" [CFWS] value
 *   propspec = ptype [CFWS] "." [CFWS] property [CFWS] "=" pvalue
 */
function readDetail(cursor: Cursor): string | ReportedProperty | undefined {
  skipComments(cursor);
  const type = asciiLower(take(cursor, KEYWORD) ?? "");
  if (type === "") return undefined;
  if (type === "reason" && skipChar(cursor, "=")) return readValue(cursor);
  if (!skipChar(cursor, ".")) return undefined;
  skipComments(cursor);
  const name = take(cursor, KEYWORD);
  if (name === undefined || !skipChar(cursor, "=")) return undefined;
  return { type, name: asciiLower(name), value: readValue(cursor) };
}

/** pvalue = [CFWS] ( value / [ [ local-part ] "@" ] domain-name ) [CFWS] */
function readValue(cursor: Cursor): string {
  skipComments(cursor);
  let value = "";
  for (;;) {
    const piece = readQuoted(cursor) ?? take(cursor, BARE);
    if (piece === undefined) return value;
    value += piece;
  }
}

/** quoted-string; undefined where none begins or ends. */
function readQuoted(cursor: Cursor): string | undefined {
  const { text } = cursor;
  if (text[cursor.at] !== '"') return undefined;
  let content = "";
  for (let at = cursor.at + 1; at < text.length; at++) {
    const char = text[at] as string;
    if (char === '"') {
      cursor.at = at + 1;
      return content;
    }
    if (char === "\\") content += text[++at] ?? "";
    else if (char !== "\r" && char !== "\n") content += char;
  }
  // Without an end there is nothing behind it either.
  cursor.at = text.length;
  return undefined;
}

/** CFWS = (1*([FWS] comment) [FWS]) / FWS; a comment without end reaches to the end. */
function skipComments(cursor: Cursor): void {
  take(cursor, BLANK);
  while (cursor.text[cursor.at] === "(") {
    let depth = 0;
    do {
      const char = cursor.text[cursor.at++];
      if (char === "(") depth++;
      else if (char === ")") depth--;
      else if (char === "\\") cursor.at++;
    } while (depth > 0 && cursor.at < cursor.text.length);
    take(cursor, BLANK);
  }
}

/** Passes over comments, and over this character if it follows. */
function skipChar(cursor: Cursor, char: string): boolean {
  skipComments(cursor);
  if (cursor.text[cursor.at] !== char) return false;
  cursor.at++;
  return true;
}

function take(cursor: Cursor, pattern: RegExp): string | undefined {
  pattern.lastIndex = cursor.at;
  const found = pattern.exec(cursor.text)?.[0];
  if (found === undefined) return undefined;
  cursor.at += found.length;
  return found;
}
