import type { Cursor } from "./cursor.ts";
import { IMAP_LIMITS } from "./limits.ts";

/** System flags as they are written; \Recent cannot be set by anyone. RFC 9051 §2.3.2 */
const SYSTEM = ["\\Answered", "\\Flagged", "\\Deleted", "\\Seen", "\\Draft"] as const;

/**
 *     flag-list = "(" [flag *(SP flag)] ")"
 */
export const flagList = (cursor: Cursor): string[] => cursor.list(() => flag(cursor), IMAP_LIMITS.flags);

/**
 *     flag = "\Answered" / … / flag-keyword;  flag-keyword = "$Forwarded" / … / atom
 */
export function flag(cursor: Cursor): string {
  if (!cursor.take("\\")) return cursor.atom();
  const name = `\\${cursor.atom()}`;
  const known = SYSTEM.find((system) => system.toLowerCase() === name.toLowerCase());
  if (known === undefined) cursor.fail("a flag that can be set");
  return known ?? name;
}
