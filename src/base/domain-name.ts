import { domainToASCII } from "node:url";
import { asciiLower, DOT, isAscii } from "./ascii.ts";

declare const domainBrand: unique symbol;
/** A checked DNS name: A-labels, lower case, no trailing dot, safe to hand to any resolver. */
export type Domain = string & { readonly [domainBrand]: true };

const LABEL_OCTETS_MAX = 63;
const NAME_OCTETS_MAX = 253;
const HYPHEN = 0x2d;

/**
 * Checks and normalises a domain name: IDNA to A-labels, LDH plus underscore, length limits.
 * `undefined` for anything else: NUL, controls, empty labels, numeric last label (that is an address).
 * RFC 1035 §2.3.4, RFC 5890; D-54.
 */
export function parseDomain(text: string): Domain | undefined {
  if (text.length === 0 || text.length > 1024) return undefined;
  const name = asciiLower(toALabels(text.endsWith(".") ? text.slice(0, -1) : text));
  return isName(name) ? (name as Domain) : undefined;
}

/** Labels of letters in lower case, digits, underscores and inner hyphens; the last is no number. Every message asks for dozens. */
function isName(name: string): boolean {
  if (name.length > NAME_OCTETS_MAX) return false;
  let length = 0;
  let digits = true;
  let before = DOT;
  for (let i = 0; i < name.length; i++) {
    const code = name.charCodeAt(i);
    if (code === DOT) {
      if (length === 0 || before === HYPHEN) return false;
      length = 0;
      digits = true;
    } else {
      const isDigit = code >= 0x30 && code <= 0x39;
      if (!isDigit && !isLetter(code) && (code !== HYPHEN || length === 0)) return false;
      if (++length > LABEL_OCTETS_MAX) return false;
      digits &&= isDigit;
    }
    before = code;
  }
  return length > 0 && before !== HYPHEN && !digits;
}

const isLetter = (code: number): boolean => (code >= 0x61 && code <= 0x7a) || code === 0x5f;

/** `domainToASCII` guesses at addresses and percent escapes, so it sees only names that need it. */
function toALabels(text: string): string {
  if (isAscii(text)) return text;
  if (/[%\u0000-\u0020\u007f/\\@:?#[\]]/.test(text) || /\.\.|\.[0-9]+$/.test(text)) return "";
  return domainToASCII(text);
}

/**
 * The last two labels: subdomains cost their owner nothing, so bounds count them as one. Neighbours under a suffix of two
 * labels (co.uk) share too; a bound bears that, a decision about trust would not.
 */
export const registrant = (domain: string): string => domain.toLowerCase().split(".").slice(-2).join(".");

/** Names of this machine, whatever a resolver says: loopback (RFC 6761 §6.3). */
export const isLocalName = (name: Domain): boolean => name === "localhost" || name.endsWith(".localhost");

/** Whether a name is a domain itself or lies in it. */
export const isAtOrBelow = (name: Domain, domain: Domain): boolean =>
  name === domain || name.endsWith(`.${domain}`);
