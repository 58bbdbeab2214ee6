import { asciiLower } from "../base/ascii.ts";
import type { FlagList } from "../imap/backend.ts";
import { SystemFlag, type Flags } from "../store/store.ts";
import { MAILBOX_LIMITS } from "./limits.ts";

const SYSTEM_FLAGS = [
  ["\\Answered", SystemFlag.answered],
  ["\\Flagged", SystemFlag.flagged],
  ["\\Deleted", SystemFlag.deleted],
  ["\\Seen", SystemFlag.seen],
  ["\\Draft", SystemFlag.draft],
] as const;
const BITS: ReadonlyMap<string, number> = new Map(SYSTEM_FLAGS.map(([name, bit]) => [asciiLower(name), bit]));

/** The bit of a system flag, whatever its case; 0 for a keyword. */
export const systemBit = (flag: string): number => BITS.get(asciiLower(flag)) ?? 0;

/** Flags as the store keeps them. Unknown system flags and `\Recent` are not storable and left out. RFC 9051 §2.3.2 */
export function toStored(list: FlagList): Flags {
  let system = 0;
  const keywords = new Map<string, string>();
  for (const flag of list) {
    if (flag.startsWith("\\")) system |= systemBit(flag);
    else if (!keywords.has(asciiLower(flag))) keywords.set(asciiLower(flag), flag);
  }
  return { system, keywords: [...keywords.values()].sort() };
}

/** Flags as IMAP writes them. */
export function toFlagList({ system, keywords }: Flags): FlagList {
  if (system === 0) return keywords;
  const names: string[] = SYSTEM_FLAGS.filter(([, bit]) => (system & bit) !== 0).map(([name]) => name);
  return names.concat(keywords);
}

/** True when some keyword is longer than we keep. */
export const hasOversizedKeyword = (list: FlagList): boolean =>
  list.some((flag) => !flag.startsWith("\\") && Buffer.byteLength(flag) > MAILBOX_LIMITS.keyword_octets);
