import { asciiLower } from "../base/ascii.ts";
import type { SearchKey } from "../imap/search-key.ts";
import type { Outline } from "../message/outline.ts";
import type { Flags, MessageRow } from "../store/store.ts";
import { systemBit } from "./flags.ts";
import { envelopeText, foldCase, holds, isEnvelopeField, sentDay } from "./search-text.ts";

/** What is known of a message so far; each part costs more to get than the one before. */
export type SearchFacts = {
  readonly row: Pick<MessageRow, "uid" | "modSeq"> & { readonly flags: Flags } & Partial<MessageRow>;
  readonly outline?: Outline;
  readonly header?: SearchHeader;
  /** Decoded texts of the parts, case folded. */
  readonly body?: readonly string[];
};

export type SearchHeader = {
  /** Decoded field bodies by lower-case name, case folded. */
  readonly fields: ReadonlyMap<string, readonly string[]>;
  /** All fields with their names, case folded, for TEXT. */
  readonly text: string;
};

/** Undefined: not decidable from what is known. More facts never turn a yes into a no. */
type Verdict = boolean | undefined;
export type Matcher = (facts: SearchFacts) => Verdict;

/** A search program as a function: folded once, asked for every message. RFC 9051 §6.4.4 */
export function compileKey(key: SearchKey, now_ms: number): Matcher {
  switch (key.kind) {
    case "all":
      return () => true;
    case "and":
      return allOf(key.keys.map((one) => compileKey(one, now_ms)));
    case "or":
      return not(allOf([not(compileKey(key.left, now_ms)), not(compileKey(key.right, now_ms))]));
    case "not":
      return not(compileKey(key.key, now_ms));
    case "header":
      return headerMatcher(key.field, foldCase(key.text));
    case "body":
    case "text":
      return textMatcher(foldCase(key.text), key.kind === "text");
    default:
      return rowMatcher(key, now_ms);
  }
}

type RowKey = Exclude<
  SearchKey,
  { readonly kind: "all" | "and" | "or" | "not" | "header" | "body" | "text" }
>;

function rowMatcher(key: RowKey, now_ms: number): Matcher {
  switch (key.kind) {
    case "uids":
      return uidMatcher(key.ranges);
    case "flag":
      return flagMatcher(key.flag);
    case "modseq":
      return ({ row }) => row.modSeq >= key.modSeq;
    case "larger":
      return ({ row }) => (row.size_octets ?? 0) > key.octets;
    case "smaller":
      return ({ row }) => (row.size_octets ?? Infinity) < key.octets;
    case "date":
      return dateMatcher(key);
    case "within":
      return withinMatcher(key, now_ms);
    case "emailid":
      return ({ row }) => row.emailId === key.id;
    case "threadid":
      return ({ row }) => row.threadId === key.id;
  }
}

/** By halves: a client may send ten thousand ranges to a hundred thousand messages. */
function uidMatcher(written: Extract<SearchKey, { kind: "uids" }>["ranges"]): Matcher {
  const ranges = written.toSorted((a, b) => a[0] - b[0]);
  let reach = 0;
  const reaches = ranges.map(([, to]) => (reach = Math.max(reach, to)));
  return ({ row: { uid } }) => {
    let low = 0;
    let high = ranges.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((ranges[middle]?.[0] ?? 0) <= uid) low = middle + 1;
      else high = middle;
    }
    return low > 0 && (reaches[low - 1] ?? 0) >= uid;
  };
}

/** False as soon as one says no, yes when all say yes. */
const allOf =
  (matchers: readonly Matcher[]): Matcher =>
  (facts) => {
    let all: Verdict = true;
    for (const matcher of matchers) {
      const verdict = matcher(facts);
      if (verdict === false) return false;
      if (verdict === undefined) all = undefined;
    }
    return all;
  };

const not =
  (matcher: Matcher): Matcher =>
  (facts) => {
    const verdict = matcher(facts);
    return verdict === undefined ? undefined : !verdict;
  };

function flagMatcher(flag: string): Matcher {
  const bit = systemBit(flag);
  if (flag.startsWith("\\")) return ({ row }) => (row.flags.system & bit) !== 0;
  const keyword = asciiLower(flag);
  return ({ row }) => row.flags.keywords.some((one) => asciiLower(one) === keyword);
}

/** A message without a Date that can be read was sent on no day. */
function dateMatcher({ of, relation, day }: Extract<SearchKey, { kind: "date" }>): Matcher {
  const compare = (found: string | undefined): boolean => {
    if (found === undefined) return false;
    return relation === "before" ? found < day : relation === "on" ? found === day : found >= day;
  };
  if (of === "sent")
    return ({ outline }) => (outline === undefined ? undefined : compare(sentDay(outline.envelope)));
  return ({ row }) => compare(utcDay((of === "internal" ? row.internalDate_ms : row.saved_ms) ?? Number.NaN));
}

/** The day as INTERNALDATE and SAVEDATE show it: ours are in UTC. */
const utcDay = (at_ms: number): string | undefined =>
  Math.abs(at_ms) <= 8.64e15 ? new Date(at_ms).toISOString().slice(0, 10) : undefined;

/** RFC 5032 §3: younger includes the very second, older too. */
function withinMatcher(
  { relation, seconds }: Extract<SearchKey, { kind: "within" }>,
  now_ms: number,
): Matcher {
  const limit_ms = now_ms - seconds * 1000;
  return ({ row }) => {
    const at_ms = row.internalDate_ms ?? Number.NaN;
    return relation === "younger" ? at_ms >= limit_ms : at_ms <= limit_ms;
  };
}

/** Fields of the envelope are answered by the outline, others by the header's octets. Empty: the field is there. */
function headerMatcher(field: string, needle: string): Matcher {
  const name = asciiLower(field);
  if (isEnvelopeField(name)) {
    return ({ outline }) => {
      const text = outline && envelopeText(outline.envelope, name);
      return outline && text !== undefined && holds(text, needle);
    };
  }
  return ({ header }) => header && (header.fields.get(name)?.some((text) => holds(text, needle)) ?? false);
}

function textMatcher(needle: string, withHeader: boolean): Matcher {
  if (needle === "") return () => true;
  return ({ header, body }) => {
    if (withHeader && header !== undefined && holds(header.text, needle)) return true;
    return body?.some((text) => holds(text, needle));
  };
}

/** How many texts the key looks for where only reading the message helps. */
export function textsOf(key: SearchKey): number {
  switch (key.kind) {
    case "body":
    case "text":
      return 1;
    case "header":
      return isEnvelopeField(asciiLower(key.field)) ? 0 : 1;
    case "and":
      return key.keys.reduce((sum, one) => sum + textsOf(one), 0);
    case "or":
      return textsOf(key.left) + textsOf(key.right);
    case "not":
      return textsOf(key.key);
    default:
      return 0;
  }
}

/** True when uid, flags and modseq decide the key. */
export function needsOnlyFlags(key: SearchKey): boolean {
  switch (key.kind) {
    case "all":
    case "uids":
    case "flag":
    case "modseq":
      return true;
    case "and":
      return key.keys.every(needsOnlyFlags);
    case "or":
      return needsOnlyFlags(key.left) && needsOnlyFlags(key.right);
    case "not":
      return needsOnlyFlags(key.key);
    default:
      return false;
  }
}

/** Uid ranges every match must lie in; undefined: no such bound. */
export function uidBound(key: SearchKey): Extract<SearchKey, { kind: "uids" }>["ranges"] | undefined {
  if (key.kind === "uids") return key.ranges;
  if (key.kind !== "and") return undefined;
  for (const one of key.keys) {
    const bound = uidBound(one);
    if (bound !== undefined) return bound;
  }
  return undefined;
}
