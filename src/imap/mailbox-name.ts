import { textOf, type Cursor } from "./cursor.ts";
import type { Modes } from "./modes.ts";

const BASE64 = /^[A-Za-z0-9+,]+$/;

/** Modified UTF-7 of IMAP4rev1 mailbox names. RFC 3501 §5.1.3 */
export function encodeUtf7(name: string): string {
  return name.replace(/&|[^ -~]+/g, (run) => {
    if (run === "&") return "&-";
    const utf16 = Buffer.from(run, "utf16le").swap16();
    return `&${utf16.toString("base64").replace(/=+$/, "").replaceAll("/", ",")}-`;
  });
}

/** Undefined where it is not modified UTF-7: such a name matches no mailbox (E-21). */
export function decodeUtf7(text: string): string | undefined {
  let name = "";
  let at = 0;
  while (at < text.length) {
    const shift = text.indexOf("&", at);
    const plain = text.slice(at, shift < 0 ? text.length : shift);
    if (/[^ -~]/.test(plain)) return undefined;
    name += plain;
    if (shift < 0) break;
    const end = text.indexOf("-", shift);
    if (end < 0) return undefined;
    const run = end === shift + 1 ? "&" : decodeRun(text.slice(shift + 1, end));
    if (run === undefined) return undefined;
    name += run;
    at = end + 1;
  }
  // One name, one spelling: shifts that encode plain text would give a second one.
  return encodeUtf7(name) === text ? name : undefined;
}

function decodeRun(base64: string): string | undefined {
  if (!BASE64.test(base64)) return undefined;
  const octets = Buffer.from(base64.replaceAll(",", "/"), "base64");
  if (octets.length === 0 || octets.length % 2 === 1) return undefined;
  const run = octets.swap16().toString("utf16le");
  return run.isWellFormed() ? run : undefined;
}

/** A mailbox name as the client wrote it, in UTF-8; undefined where it is not decodable. */
export function mailboxName(cursor: Cursor, modes: Modes): string | undefined {
  return decodeMailbox(cursor.astring(), modes);
}

export function decodeMailbox(octets: Buffer, modes: Modes): string | undefined {
  const text = textOf(octets);
  return modes.utf8 ? text : decodeUtf7(text);
}

/** The same on its way out. */
export const encodeMailbox = (name: string, modes: Modes): string => (modes.utf8 ? name : encodeUtf7(name));
