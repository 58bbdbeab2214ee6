import { asciiUpper } from "../base/ascii.ts";
import { err, ok, type Result } from "../base/result.ts";
import type { ImapRefusal } from "../imap/backend.ts";
import { MAILBOX_LIMITS } from "./limits.ts";

/** The form in which a name is stored and compared: NFC, `INBOX` in capitals at the top. RFC 9051 §5.1, RFC 5198 */
export function canonicalName(name: string): string {
  const [top = "", ...below] = name.normalize("NFC").split("/");
  return [asciiUpper(top) === "INBOX" ? "INBOX" : top, ...below].join("/");
}

/**
 * A name a mailbox may be given, in canonical form, or why not. RFC 9051 §5.1, §6.3.4; E-21
 * A final `/` only says that children will follow.
 */
export function checkNewName(name: string): Result<string, ImapRefusal> {
  const bare = name.endsWith("/") ? name.slice(0, -1) : name;
  if (!bare.isWellFormed()) return cannot("The name is not valid Unicode");
  const canonical = canonicalName(bare);
  if (Buffer.byteLength(canonical) > MAILBOX_LIMITS.name_octets) return cannot("The name is too long");
  if (FORBIDDEN.test(canonical)) return cannot("The name holds control characters");
  const levels = canonical.split("/");
  if (levels.length > MAILBOX_LIMITS.nameLevels) return cannot("The name has too many levels");
  if (levels.includes("")) return cannot("The name has an empty level");
  if (levels.some((level) => level === "." || level === "..")) return cannot("The name is a path");
  return ok(canonical);
}

/** C0, DEL, C1, line and paragraph separators, and marks that turn the direction of a whole line (RFC 5198 §2). */
const FORBIDDEN = /[\u0000-\u001f\u007f-\u009f\u2028-\u202e\u2066-\u2069\ufeff]/;

const cannot = (text: string): Result<never, ImapRefusal> => err({ code: "CANNOT", text });

/** The names above a name, outermost first: `a/b/c` has `a` and `a/b`. */
export function parentNames(name: string): readonly string[] {
  const levels = name.split("/");
  return levels.slice(1).map((_, i) => levels.slice(0, i + 1).join("/"));
}
