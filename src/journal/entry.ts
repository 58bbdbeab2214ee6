import { asciiLower } from "../base/ascii.ts";
import { parseIp } from "../base/ip.ts";
import { JOURNAL_LIMITS } from "./limits.ts";

/** A record as the store keeps it; the same shape as the store's own. */
export type JournalEntry = {
  readonly kind: string;
  readonly id: string;
  readonly at_ms: number;
  readonly keys: readonly string[];
  readonly body: string;
};

/** As almost all are: no space around, no angle brackets. */
const IS_BARE = /^[^\s<][^\s>]*$/;

/** How something is looked up: lower case, addresses of machines in one spelling, no angle brackets. Undefined: cannot be. */
export function foldKey(text: string): string | undefined {
  const bare = IS_BARE.test(text) ? text : text.trim().replace(/^<(.*)>$/s, "$1");
  if (bare === "" || bare.length > JOURNAL_LIMITS.keyLengthMax) return undefined;
  return (bare.includes("@") ? undefined : parseIp(bare)?.text) ?? asciiLower(bare);
}
