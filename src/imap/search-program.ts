import { textOf, type Cursor } from "./cursor.ts";
import { date } from "./date.ts";
import { IMAP_LIMITS } from "./limits.ts";
import type { SearchKey } from "./search-key.ts";
import { sequenceSet, type Ranges, type SequenceSet } from "./sequence-set.ts";

/** A search as written: sets and \Recent are resolved against the view when it runs. */
export type SearchTree =
  | { readonly kind: "key"; readonly key: SearchKey }
  | { readonly kind: "set"; readonly set: SequenceSet; readonly byUid: boolean }
  | { readonly kind: "recent" }
  | { readonly kind: "and"; readonly keys: readonly SearchTree[] }
  | { readonly kind: "or"; readonly left: SearchTree; readonly right: SearchTree }
  | { readonly kind: "not"; readonly key: SearchTree };

const leaf = (key: SearchKey): SearchTree => ({ kind: "key", key });
const not = (key: SearchTree): SearchTree => ({ kind: "not", key });
const flag = (name: string): SearchTree => leaf({ kind: "flag", flag: name });

/** Keys without arguments. RFC 9051 §6.4.4 */
const PLAIN: Readonly<Record<string, SearchTree>> = {
  ALL: leaf({ kind: "all" }),
  ANSWERED: flag("\\Answered"),
  DELETED: flag("\\Deleted"),
  DRAFT: flag("\\Draft"),
  FLAGGED: flag("\\Flagged"),
  SEEN: flag("\\Seen"),
  UNANSWERED: not(flag("\\Answered")),
  UNDELETED: not(flag("\\Deleted")),
  UNDRAFT: not(flag("\\Draft")),
  UNFLAGGED: not(flag("\\Flagged")),
  UNSEEN: not(flag("\\Seen")),
  RECENT: { kind: "recent" },
  NEW: { kind: "and", keys: [{ kind: "recent" }, not(flag("\\Seen"))] },
  OLD: not({ kind: "recent" }),
  SAVEDATESUPPORTED: leaf({ kind: "all" }),
};

type Read = (cursor: Cursor, depth: number) => SearchTree;

const textKey =
  (make: (text: string) => SearchKey): Read =>
  (cursor) =>
    leaf(make(searchText(cursor)));
const header = (field: string): Read => textKey((text) => ({ kind: "header", field, text }));
const dateKey =
  (of: "internal" | "sent" | "saved", relation: "before" | "on" | "since"): Read =>
  (cursor) =>
    leaf({ kind: "date", of, relation, day: date(cursor) });
const numberKey =
  (make: (value: number) => SearchKey): Read =>
  (cursor) =>
    leaf(make(cursor.number64()));

/** Keys with arguments; the space before them has been read. */
const READERS: Readonly<Record<string, Read>> = {
  BCC: header("bcc"),
  CC: header("cc"),
  FROM: header("from"),
  SUBJECT: header("subject"),
  TO: header("to"),
  BODY: textKey((text) => ({ kind: "body", text })),
  TEXT: textKey((text) => ({ kind: "text", text })),
  HEADER: (cursor) => {
    const field = cursor.astring().toString("latin1").toLowerCase();
    cursor.space();
    return leaf({ kind: "header", field, text: searchText(cursor) });
  },
  KEYWORD: (cursor) => flag(cursor.atom()),
  UNKEYWORD: (cursor) => not(flag(cursor.atom())),
  LARGER: numberKey((octets) => ({ kind: "larger", octets })),
  SMALLER: numberKey((octets) => ({ kind: "smaller", octets })),
  OLDER: (cursor) => leaf({ kind: "within", relation: "older", seconds: interval(cursor) }),
  YOUNGER: (cursor) => leaf({ kind: "within", relation: "younger", seconds: interval(cursor) }),
  BEFORE: dateKey("internal", "before"),
  ON: dateKey("internal", "on"),
  SINCE: dateKey("internal", "since"),
  SENTBEFORE: dateKey("sent", "before"),
  SENTON: dateKey("sent", "on"),
  SENTSINCE: dateKey("sent", "since"),
  SAVEDBEFORE: dateKey("saved", "before"),
  SAVEDON: dateKey("saved", "on"),
  SAVEDSINCE: dateKey("saved", "since"),
  EMAILID: (cursor) => leaf({ kind: "emailid", id: cursor.astring().toString("latin1") }),
  THREADID: (cursor) => leaf({ kind: "threadid", id: cursor.astring().toString("latin1") }),
  UID: (cursor) => ({ kind: "set", set: sequenceSet(cursor), byUid: true }),
  MODSEQ: modSeqKey,
  NOT: (cursor, depth) => not(searchKey(cursor, depth)),
  OR: (cursor, depth) => {
    const left = searchKey(cursor, depth);
    cursor.space();
    return { kind: "or", left, right: searchKey(cursor, depth) };
  },
};

/**
 *     search-program = search-key *(SP search-key)
 */
export function searchProgram(cursor: Cursor): SearchTree {
  return { kind: "and", keys: keysUntil(cursor, 0, () => cursor.atEnd) };
}

function keysUntil(cursor: Cursor, depth: number, over: () => boolean): SearchTree[] {
  const keys: SearchTree[] = [];
  do {
    keys.push(searchKey(cursor, depth));
    if (keys.length > IMAP_LIMITS.searchKeys) cursor.fail("a shorter search");
  } while (!cursor.failed && !over() && spaced(cursor));
  return keys;
}

function spaced(cursor: Cursor): boolean {
  cursor.space();
  return !cursor.failed;
}

function searchKey(cursor: Cursor, depth: number): SearchTree {
  if (depth >= IMAP_LIMITS.searchDepth) cursor.fail("fewer parentheses");
  if (cursor.take("(")) {
    const keys = keysUntil(cursor, depth + 1, () => cursor.peek() === ")");
    cursor.expect(")");
    return { kind: "and", keys };
  }
  if (/[0-9*$]/.test(cursor.peek())) return { kind: "set", set: sequenceSet(cursor), byUid: false };
  const word = (cursor.match(/[A-Za-z]+/y) ?? "").toUpperCase();
  if (Object.hasOwn(PLAIN, word)) return PLAIN[word] as SearchTree;
  const read = Object.hasOwn(READERS, word) ? READERS[word] : undefined;
  if (read === undefined) {
    cursor.fail("a search key");
    return leaf({ kind: "all" });
  }
  cursor.space();
  return cursor.failed ? leaf({ kind: "all" }) : read(cursor, depth + 1);
}

const searchText = (cursor: Cursor): string => textOf(cursor.astring());

/** nz-number; seconds. RFC 5032 §3 */
function interval(cursor: Cursor): number {
  const seconds = cursor.number();
  if (seconds === 0) cursor.fail("a number above 0");
  return seconds;
}

/** MODSEQ [<entry-name> SP <entry-type>] SP <number>; we keep one counter for all flags. RFC 7162 §3.1.5 */
function modSeqKey(cursor: Cursor): SearchTree {
  if (cursor.peek() === '"') {
    cursor.string();
    cursor.space();
    cursor.atom();
    cursor.space();
  }
  return leaf({ kind: "modseq", modSeq: cursor.number64() });
}

/** Does the search ask for MODSEQ anywhere? Then its result carries one. RFC 7162 §3.1.5 */
export function mentionsModSeq(tree: SearchTree): boolean {
  switch (tree.kind) {
    case "key":
      return tree.key.kind === "modseq";
    case "and":
      return tree.keys.some(mentionsModSeq);
    case "or":
      return mentionsModSeq(tree.left) || mentionsModSeq(tree.right);
    case "not":
      return mentionsModSeq(tree.key);
    default:
      return false;
  }
}

type Resolve = (set: SequenceSet, byUid: boolean) => Ranges | undefined;

/** Turns sets into uid ranges; undefined where a number is beyond the view. */
export function resolveTree(tree: SearchTree, resolve: Resolve, firstRecent: number): SearchKey | undefined {
  const again = (inner: SearchTree): SearchKey | undefined => resolveTree(inner, resolve, firstRecent);
  switch (tree.kind) {
    case "key":
      return tree.key;
    case "recent":
      return { kind: "uids", ranges: [[firstRecent, 0xffff_ffff]] };
    case "set": {
      const ranges = resolve(tree.set, tree.byUid);
      return ranges && { kind: "uids", ranges };
    }
    case "not": {
      const key = again(tree.key);
      return key && { kind: "not", key };
    }
    case "or": {
      const left = again(tree.left);
      const right = again(tree.right);
      return left && right && { kind: "or", left, right };
    }
    case "and": {
      const keys = tree.keys.map(again);
      return keys.every((key) => key !== undefined) ? { kind: "and", keys } : undefined;
    }
  }
}
