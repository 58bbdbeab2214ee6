import { asciiLower, isAscii } from "../base/ascii.ts";
import { parseDomain, type Domain } from "../base/domain-name.ts";

const LOCAL_PART_OCTETS_MAX = 64;
/** What stands in a login name without quotes; `+` would be a subaddress and `*` a catch-all. */
const LOCAL_PART = /^[^\s"(),:;<>@[\\\]+*\u0000-\u001f\u007f-\u009f]+$/;

/** A mailbox as the directory keys it: local part NFC and lower case, domain in A-labels. */
export type Mailbox = { readonly localPart: string; readonly domain: Domain };

/** Local parts are compared without case, whatever script they are in. RFC 6532 §3.1 */
export const foldLocalPart = (localPart: string): string =>
  isAscii(localPart) ? asciiLower(localPart) : localPart.normalize("NFC").toLowerCase();

/** Splits at the last `@` and folds; undefined when the domain is none. */
export function splitAddress(text: string): Mailbox | undefined {
  const at = text.lastIndexOf("@");
  const domain = parseDomain(text.slice(at + 1));
  return at < 1 || domain === undefined ? undefined : { localPart: foldLocalPart(text.slice(0, at)), domain };
}

/**
 * A name that can be given to an account or an alias. RFC 5321 §4.1.2, RFC 6531 §3.3
 *
 *     login = Dot-string "@" Domain
 */
export function parseLogin(text: string): Mailbox | undefined {
  const mailbox = splitAddress(text);
  if (mailbox === undefined || !LOCAL_PART.test(mailbox.localPart)) return undefined;
  const dots = mailbox.localPart.startsWith(".") || mailbox.localPart.endsWith(".");
  if (dots || mailbox.localPart.includes("..")) return undefined;
  return Buffer.byteLength(mailbox.localPart) <= LOCAL_PART_OCTETS_MAX ? mailbox : undefined;
}

/** What somebody typed as login name, in the form it is stored and counted under. Any text gives one. */
export function canonicalLogin(text: string): string {
  const mailbox = splitAddress(text);
  return mailbox ? `${mailbox.localPart}@${mailbox.domain}` : foldLocalPart(text);
}
