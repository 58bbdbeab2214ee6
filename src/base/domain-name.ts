import { domainToASCII } from "node:url";
import { asciiLower, isAscii } from "./ascii.ts";

declare const domainBrand: unique symbol;
/** A checked DNS name: A-labels, lower case, no trailing dot, safe to hand to any resolver. */
export type Domain = string & { readonly [domainBrand]: true };

const LABEL_OCTETS_MAX = 63;
const NAME_OCTETS_MAX = 253;
const LABEL = /^[a-z0-9_](?:[a-z0-9_-]*[a-z0-9_])?$/;

/**
 * Checks and normalises a domain name: IDNA to A-labels, LDH plus underscore, length limits.
 * `undefined` for anything else: NUL, controls, empty labels, numeric last label (that is an address).
 * RFC 1035 §2.3.4, RFC 5890; D-54.
 */
export function parseDomain(text: string): Domain | undefined {
  if (text.length === 0 || text.length > 1024) return undefined;
  const name = asciiLower(toALabels(text.endsWith(".") ? text.slice(0, -1) : text));
  if (name.length === 0 || name.length > NAME_OCTETS_MAX) return undefined;
  const labels = name.split(".");
  for (const label of labels) {
    if (label.length > LABEL_OCTETS_MAX || !LABEL.test(label)) return undefined;
  }
  if (/^[0-9]+$/.test(labels.at(-1) ?? "")) return undefined;
  return name as Domain;
}

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
