import type { Cursor } from "./cursor.ts";
import { IMAP_LIMITS } from "./limits.ts";
import { section, type Section } from "./section.ts";

/** What FETCH may ask of a message. RFC 9051 §6.4.5, RFC 3516, 7162, 8474, 8514 */
export type FetchItem =
  | {
      readonly kind:
        | "flags"
        | "uid"
        | "date"
        | "size"
        | "envelope"
        | "structure"
        | "structure-short"
        | "modseq"
        | "emailid"
        | "threadid"
        | "savedate";
    }
  | {
      readonly kind: "body";
      readonly section: Section;
      readonly peek: boolean;
      readonly partial: Partial | undefined;
      /** Name in the response: BODY[…], RFC822, RFC822.HEADER, RFC822.TEXT. */
      readonly name: string;
    }
  | {
      readonly kind: "binary" | "binary-size";
      readonly path: readonly number[];
      readonly peek: boolean;
      readonly partial: Partial | undefined;
    };

/** `<start.count>` of BODY[…], number64 both. */
export type Partial = { readonly start: number; readonly count: number };

const whole = (text: Section["text"], name: string, peek: boolean): FetchItem => ({
  kind: "body",
  section: { path: [], text, fields: [], label: "" },
  peek,
  partial: undefined,
  name,
});

const WORDS: Readonly<Record<string, readonly FetchItem[]>> = {
  ALL: [{ kind: "flags" }, { kind: "date" }, { kind: "size" }, { kind: "envelope" }],
  FAST: [{ kind: "flags" }, { kind: "date" }, { kind: "size" }],
  FULL: [
    { kind: "flags" },
    { kind: "date" },
    { kind: "size" },
    { kind: "envelope" },
    { kind: "structure-short" },
  ],
  FLAGS: [{ kind: "flags" }],
  UID: [{ kind: "uid" }],
  INTERNALDATE: [{ kind: "date" }],
  ENVELOPE: [{ kind: "envelope" }],
  BODYSTRUCTURE: [{ kind: "structure" }],
  BODY: [{ kind: "structure-short" }],
  MODSEQ: [{ kind: "modseq" }],
  EMAILID: [{ kind: "emailid" }],
  THREADID: [{ kind: "threadid" }],
  SAVEDATE: [{ kind: "savedate" }],
  RFC822: [whole("all", "RFC822", false)],
  "RFC822.SIZE": [{ kind: "size" }],
  "RFC822.HEADER": [whole("header", "RFC822.HEADER", true)],
  "RFC822.TEXT": [whole("text", "RFC822.TEXT", false)],
};
const MACROS: ReadonlySet<string> = new Set(["ALL", "FAST", "FULL"]);

/**
 *     fetch = "ALL" / "FULL" / "FAST" / fetch-att / "(" fetch-att *(SP fetch-att) ")"
 */
export function fetchItems(cursor: Cursor): readonly FetchItem[] {
  if (cursor.peek() === "(")
    return cursor.list(() => fetchItem(cursor, false), IMAP_LIMITS.fetchItems).flat();
  return fetchItem(cursor, true);
}

function fetchItem(cursor: Cursor, macros: boolean): readonly FetchItem[] {
  const word = (cursor.match(/[A-Za-z0-9.]+/y) ?? "").toUpperCase();
  if (cursor.peek() === "[") return [sectionItem(cursor, word)];
  const items = Object.hasOwn(WORDS, word) ? WORDS[word] : undefined;
  if (items === undefined || (MACROS.has(word) && !macros)) cursor.fail("something to fetch");
  return items ?? [];
}

function sectionItem(cursor: Cursor, word: string): FetchItem {
  cursor.expect("[");
  const peek = word.endsWith(".PEEK");
  if (word === "BODY" || word === "BODY.PEEK") {
    const parsed = section(cursor);
    cursor.expect("]");
    return { kind: "body", section: parsed, peek, partial: partial(cursor), name: `BODY[${parsed.label}]` };
  }
  if (word !== "BINARY" && word !== "BINARY.PEEK" && word !== "BINARY.SIZE") cursor.fail("BODY or BINARY");
  const path = /[0-9]/.test(cursor.peek()) ? section(cursor).path : [];
  cursor.expect("]");
  const isSize = word === "BINARY.SIZE";
  return {
    kind: isSize ? "binary-size" : "binary",
    path,
    peek: peek || isSize,
    partial: isSize ? undefined : partial(cursor),
  };
}

function partial(cursor: Cursor): Partial | undefined {
  if (!cursor.take("<")) return undefined;
  const start = cursor.number64();
  cursor.expect(".");
  const count = cursor.number64();
  if (count === 0) cursor.fail("a count above 0");
  cursor.expect(">");
  return { start, count };
}
