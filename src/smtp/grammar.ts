import { asciiLower, asciiUpper, BACKSLASH, DQUOTE, isAscii } from "../base/ascii.ts";
import { parseDomain } from "../base/domain-name.ts";
import { parseIp } from "../base/ip.ts";
import { err, ok, type Result } from "../base/result.ts";
import type { EnvelopeAddress } from "./address.ts";

/** Domains are bounded by `parseDomain`; a path adds a route nobody needs. RFC 5321 §4.5.3.1.3 says 256. */
const PATH_OCTETS_MAX = 1024;
/**
 * RFC 5321 §4.5.3.1.1 says 64. Deviation: return paths with encoded recipients (VERP, SRS) are longer in
 * practice, and refusing them loses bounces and list mail.
 */
const LOCAL_PART_OCTETS_MAX = 254;

export type Command = { readonly verb: string; readonly argument: string };

/** Splits a command line; the verb in upper case, the argument without surrounding spaces. RFC 5321 §4.1.1 */
export function parseCommand(line: string): Command {
  const space = line.indexOf(" ");
  const end = space < 0 ? line.length : space;
  const verb = (end === 4 ? usualVerb(line) : undefined) ?? asciiUpper(line.slice(0, end));
  return { verb, argument: space < 0 ? "" : trimSpaces(line.slice(space + 1)) };
}

/** What a dialogue is made of: found by its letters, these need no word of their own that is made and hashed for each line. */
const USUAL_VERBS: ReadonlyMap<number, string> = new Map(
  ["EHLO", "HELO", "LHLO", "MAIL", "RCPT", "DATA", "BDAT", "RSET", "NOOP", "QUIT", "AUTH"].map((verb) => [
    fourLetters(verb),
    verb,
  ]),
);

function usualVerb(line: string): string | undefined {
  const letters = fourLetters(line);
  return letters < 0 ? undefined : USUAL_VERBS.get(letters);
}

/** The first four, in any case, as one number: below 0 where one is not ASCII. */
function fourLetters(text: string): number {
  const a = text.charCodeAt(0);
  const b = text.charCodeAt(1);
  const c = text.charCodeAt(2);
  const d = text.charCodeAt(3);
  return (a | b | c | d) > 0x7f ? -1 : ((a << 24) | (b << 16) | (c << 8) | d) & 0x5fdf_dfdf;
}

/** Linear, unlike `/ +$/` on a line of spaces. */
function trimSpaces(text: string): string {
  let start = 0;
  let end = text.length;
  while (start < end && text[start] === " ") start++;
  while (end > start && text[end - 1] === " ") end--;
  return text.slice(start, end);
}

export type Path = {
  /** null: the null path `<>`. */
  readonly address: EnvelopeAddress | null;
  /** `<@relay.example:user@example.org>`: the route is dropped here; whoever relays must refuse. */
  readonly hadRoute: boolean;
  /** Written with characters that only SMTPUTF8 allows, even where the domain became A-labels. RFC 6531 §3.3 */
  readonly needsSmtpUtf8: boolean;
};
export type PathFault = "syntax" | "local-part" | "domain" | "too-long";

/**
 * Reads a path at the beginning of `text` and says what follows it. RFC 5321 §4.1.2, RFC 6531 §3.3
 *
 *     Reverse-path = Path / "<>"
 *     Forward-path = Path
 *     Path         = "<" [ A-d-l ":" ] Mailbox ">"
 *     A-d-l        = At-domain *( "," At-domain )
 *     At-domain    = "@" Domain
 *
 * `<Postmaster>` comes back with an empty domain (RFC 5321 §4.5.1).
 */
export function parsePath(text: string): Result<{ readonly path: Path; readonly rest: string }, PathFault> {
  if (!text.startsWith("<")) return err("syntax");
  const end = closingBracket(text);
  if (end === undefined) return err("syntax");
  if (end > PATH_OCTETS_MAX) return err("too-long");
  const inside = text.slice(1, end);
  const rest = text.slice(end + 1);
  if (inside === "") return ok({ path: { address: null, hadRoute: false, needsSmtpUtf8: false }, rest });
  const route = routeLength(inside);
  if (route === undefined) return err("domain");
  const mailbox = inside.slice(route);
  const parsed = isPostmaster(mailbox) ? ok(bare(mailbox)) : parseMailbox(mailbox);
  if (!parsed.ok) return parsed;
  return ok({
    path: { address: parsed.value, hadRoute: route > 0, needsSmtpUtf8: !isAscii(inside) },
    rest,
  });
}

/** The inverse of `parsePath` for addresses without a route. */
export function formatPath(address: EnvelopeAddress | null): string {
  return address === null ? "<>" : `<${address.text}>`;
}

const isPostmaster = (mailbox: string): boolean =>
  mailbox.length === "postmaster".length && asciiLower(mailbox) === "postmaster";

const bare = (localPart: string): EnvelopeAddress => ({ localPart, domain: "", text: localPart });

/** Position of the `>` that is not inside a quoted string. */
function closingBracket(text: string): number | undefined {
  let quoted = false;
  for (let at = 1; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (quoted && code === BACKSLASH) at++;
    else if (code === DQUOTE) quoted = !quoted;
    else if (code === 0x3e && !quoted) return at;
  }
  return undefined;
}

/** Octets taken by `@a,@b:`; 0 without a route, undefined where it is malformed. */
function routeLength(inside: string): number | undefined {
  if (!inside.startsWith("@")) return 0;
  const colon = inside.indexOf(":");
  if (colon < 0) return undefined;
  const hops = inside.slice(0, colon).split(",");
  const sound = hops.every((hop) => hop.startsWith("@") && parseDomain(hop.slice(1)) !== undefined);
  return sound ? colon + 1 : undefined;
}

/**
 * Reads an address without brackets. RFC 5321 §4.1.2, 4.1.3
 *
 *     Mailbox    = Local-part "@" ( Domain / address-literal )
 *     Local-part = Dot-string / Quoted-string
 */
export function parseMailbox(text: string): Result<EnvelopeAddress, PathFault> {
  if (text.length > PATH_OCTETS_MAX) return err("too-long");
  const local = text.startsWith('"') ? parseQuotedString(text) : parseDotString(text);
  if (local === undefined || text[local.length] !== "@") return err("local-part");
  if (isTooLong(local.value)) return err("too-long");
  const domain = parseMailDomain(text.slice(local.length + 1));
  if (domain === undefined) return err("domain");
  return ok(envelopeAddress(local.value, domain));
}

/** A character has three octets at most, and most local parts are shorter by far. */
const isTooLong = (localPart: string): boolean =>
  localPart.length * 3 > LOCAL_PART_OCTETS_MAX && Buffer.byteLength(localPart) > LOCAL_PART_OCTETS_MAX;

/** An address from its parts; `domain` must be a checked `Domain` or a literal in brackets. */
export function envelopeAddress(localPart: string, domain: string): EnvelopeAddress {
  // Joined, not a template: a text that V8 keeps in pieces makes JSON.stringify take twice as long for a record of the journal.
  return { localPart, domain, text: [formatLocalPart(localPart), "@", domain].join("") };
}

/** Quotes a local part where the grammar demands it. RFC 5321 §4.1.2 */
export function formatLocalPart(localPart: string): string {
  const plain = parseDotString(localPart);
  if (plain !== undefined && plain.length === localPart.length) return localPart;
  return `"${localPart.replace(/["\\]/g, "\\$&")}"`;
}

type Taken = { readonly value: string; readonly length: number };

/**
 *     Dot-string = Atom *("." Atom)
 *     Atom       = 1*atext
 */
function parseDotString(text: string): Taken | undefined {
  let atom = 0;
  let at = 0;
  for (; at < text.length; at++) {
    if (isAtext(text.charCodeAt(at))) atom++;
    else if (text[at] === "." && atom > 0) atom = 0;
    else break;
  }
  return atom === 0 ? undefined : { value: text.slice(0, at), length: at };
}

/**
 *     Quoted-string    = DQUOTE *QcontentSMTP DQUOTE
 *     QcontentSMTP     = qtextSMTP / quoted-pairSMTP
 *     quoted-pairSMTP  = %d92 %d32-126
 *     qtextSMTP        = %d32-33 / %d35-91 / %d93-126
 */
function parseQuotedString(text: string): Taken | undefined {
  let value = "";
  for (let at = 1; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === DQUOTE) return { value, length: at + 1 };
    if (code === BACKSLASH) {
      const next = text.charCodeAt(++at);
      if (!(next >= 32 && next <= 126)) return undefined;
    } else if (code < 32 || (code > 126 && code < 0xa0)) {
      return undefined;
    }
    value += text[at];
  }
  return undefined;
}

const ATEXT = new Set("!#$%&'*+-/=?^_`{|}~");

/** RFC 5322 §3.2.3 atext; RFC 6531 §3.3 adds everything beyond ASCII (C1 controls excepted: nobody means them). */
function isAtext(code: number): boolean {
  if (code >= 0xa0) return true;
  const alphanumeric = (code >= 0x30 && code <= 0x39) || ((code | 0x20) >= 0x61 && (code | 0x20) <= 0x7a);
  return alphanumeric || (code < 0x80 && ATEXT.has(String.fromCharCode(code)));
}

/** The right side of an address: A-labels in lower case, or an address literal in one spelling. */
function parseMailDomain(text: string): string | undefined {
  if (text.startsWith("[")) return parseAddressLiteral(text);
  return text.endsWith(".") ? undefined : parseDomain(text);
}

/**
 * Checks `[192.0.2.1]` or `[IPv6:2001:db8::1]` and writes it in one spelling. RFC 5321 §4.1.3
 *
 *     address-literal = "[" ( IPv4-address-literal / IPv6-address-literal / General-address-literal ) "]"
 *
 * No General-address-literal was ever registered; it is refused.
 */
export function parseAddressLiteral(text: string): string | undefined {
  if (!text.startsWith("[") || !text.endsWith("]") || text.includes("%")) return undefined;
  const tagged = asciiLower(text.slice(1, 6)) === "ipv6:";
  const address = text.slice(tagged ? 6 : 1, -1);
  const ip = parseIp(address);
  if (ip === undefined || tagged !== address.includes(":")) return undefined;
  return ip.family === 4 ? `[${ip.text}]` : `[IPv6:${ip.text}]`;
}

const HELO_OCTETS_MAX = 255;

/**
 * True for what another mail server may call itself: a host name, an address literal, or (often met) a bare
 * address. Whether the name exists is a question for policy. RFC 5321 §4.1.1.1, S-43
 *
 *     ehlo = "EHLO" SP ( Domain / address-literal ) CRLF
 */
export function isHeloName(text: string): boolean {
  if (text.length > HELO_OCTETS_MAX) return false;
  if (text.startsWith("[")) return parseAddressLiteral(text) !== undefined;
  if (parseIp(text) !== undefined) return !text.includes("%");
  return parseDomain(text) !== undefined && isAscii(text);
}

/**
 * True for what a person's mail program may say: anything printable in one word without the characters that
 * mean something in a trace header. Deviation: programs send the computer's name, whatever its owner called it.
 */
export function isHeloWord(text: string): boolean {
  return (
    text.length > 0 && text.length <= HELO_OCTETS_MAX && !/[\u0000-\u0020\u007f-\u00a0"(),;<>@\\]/.test(text)
  );
}
