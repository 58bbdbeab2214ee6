import { insideBraces, splitWords } from "../words.ts";

/** How the text of a table is written: `key value`, `network value`, or `/pattern/flags value`. */
export type TextFormat = "indexed" | "cidr" | "pattern";

/** What a word such as `hash:/etc/postfix/virtual` names. */
export type TableReference =
  /** A table with a text source, which we read (never the compiled `.db`; S-41). */
  | { readonly kind: "text"; readonly type: string; readonly format: TextFormat; readonly path: string }
  /** The table stands in main.cf itself. */
  | { readonly kind: "inline"; readonly type: string; readonly format: TextFormat; readonly text: string }
  | { readonly kind: "static"; readonly value: string }
  | {
      readonly kind: "combined";
      readonly type: "unionmap" | "pipemap";
      readonly members: readonly TableReference[];
    }
  /** A server, a data base or a format we do not read. */
  | { readonly kind: "external"; readonly type: string; readonly name: string };

const FORMATS: ReadonlyMap<string, TextFormat> = new Map([
  ["hash", "indexed"],
  ["btree", "indexed"],
  ["lmdb", "indexed"],
  ["texthash", "indexed"],
  ["dbm", "indexed"],
  ["cdb", "indexed"],
  ["sdbm", "indexed"],
  ["inline", "indexed"],
  ["cidr", "cidr"],
  ["regexp", "pattern"],
  ["pcre", "pattern"],
]);
/** Depth of unionmap: in unionmap:. */
const DEPTH_MAX = 4;

/** Reads `type:name`, `proxy:` taken off; `undefined` for a word that is no table. */
export function parseTableReference(word: string, depth = 0): TableReference | undefined {
  const found = /^([a-z][a-z0-9_-]*):/.exec(word);
  if (found === null) return undefined;
  const type = found[1] as string;
  const name = word.slice(type.length + 1).trim();
  if (type === "proxy" && depth < DEPTH_MAX) return parseTableReference(name, depth + 1);
  const inside = insideBraces(name);
  if (type === "static") return { kind: "static", value: inside ?? name };
  if ((type === "unionmap" || type === "pipemap") && inside !== undefined && depth < DEPTH_MAX) {
    const members = splitWords(inside).map(({ text }) => parseTableReference(text, depth + 1));
    return { kind: "combined", type, members: members.filter((member) => member !== undefined) };
  }
  const format = FORMATS.get(type);
  if (format === undefined) return { kind: "external", type, name };
  if (inside !== undefined) return { kind: "inline", type, format, text: inlineText(format, inside) };
  return type === "inline" ? { kind: "external", type, name } : { kind: "text", type, format, path: name };
}

/** `{ {key = value} {key = value} }` and `{ {/pattern/ value} }` as the lines of a table. */
function inlineText(format: TextFormat, inside: string): string {
  return splitWords(inside)
    .map(({ text }) => insideBraces(text) ?? text)
    .map((entry) => (format === "indexed" ? entry.replace(/^([^\s=]+)[ \t]*=[ \t]*/, "$1 ") : entry))
    .join("\n");
}

/** The reference as Postfix writes it, without `proxy:`. */
export function formatTableReference(reference: TableReference): string {
  switch (reference.kind) {
    case "text":
      return `${reference.type}:${reference.path}`;
    case "inline":
      return `${reference.type}:{…}`;
    case "static":
      return `static:${reference.value}`;
    case "combined":
      return `${reference.type}:{${reference.members.map(formatTableReference).join(", ")}}`;
    case "external":
      return `${reference.type}:${reference.name}`;
  }
}
