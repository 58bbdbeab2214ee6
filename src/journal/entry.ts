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

/** How something is looked up: lower case, addresses of machines in one spelling, no angle brackets. Undefined: cannot be. */
export function foldKey(text: string): string | undefined {
  if (FOLDED.test(text)) return text;
  const bare = withoutBrackets(text.trim());
  if (bare === "" || bare.length > JOURNAL_LIMITS.keyLengthMax) return undefined;
  return (bare.includes("@") ? undefined : parseIp(bare)?.text) ?? asciiLower(bare);
}

/** As most ids and addresses are; no address of a machine is among these. At most 320 characters. */
const FOLDED = /^(?:[a-z0-9_-]{1,64}|[a-z0-9._+=-]{1,64}@[a-z0-9.-]{1,255})$/;

const withoutBrackets = (text: string): string =>
  text.length > 1 && text.startsWith("<") && text.endsWith(">") ? text.slice(1, -1) : text;
