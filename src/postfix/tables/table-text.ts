import { parseCidr, type Cidr } from "../../base/ip.ts";
import { logicalLines, placeIn, type Fault, type LogicalLine } from "../logical-lines.ts";

/** `key value` of a hash:, btree:, lmdb:, texthash: or inline: table. */
export type IndexedEntry = { readonly key: string; readonly value: string; readonly line: number };
/** `network value` of a cidr: table; `within` are the networks of the `if` blocks around it. */
export type CidrEntry = {
  readonly network: Cidr;
  readonly negated: boolean;
  readonly value: string;
  readonly within: readonly string[];
  readonly line: number;
};
/** `/pattern/flags value` of a regexp: or pcre: table. */
export type PatternEntry = {
  readonly pattern: string;
  readonly flags: string;
  readonly negated: boolean;
  readonly value: string;
  readonly within: readonly string[];
  readonly line: number;
};
export type Parsed<Entry> = { readonly entries: readonly Entry[]; readonly faults: readonly Fault[] };

/** Reads the source of an indexed table; a key in quotes may hold white space. Total. Postfix postmap(1) */
export function parseIndexedTable(text: string): Parsed<IndexedEntry> {
  const { lines, faults: lineFaults } = logicalLines(text);
  const faults = [...lineFaults];
  const entries: IndexedEntry[] = [];
  for (const { line, text: content } of lines) {
    const found = /^("[^"]*"|[^\s"]+)\s+/.exec(content);
    const value = found === null ? "" : content.slice(found[0].length);
    if (found === null || value === "") faults.push({ line, column: 1, message: "no `key value`" });
    else entries.push({ key: (found[1] as string).replace(/^"(.*)"$/, "$1"), value, line });
  }
  return { entries, faults };
}

/** Reads a cidr: table with its `if`/`endif` blocks. Total. Postfix cidr_table(5) */
export function parseCidrTable(text: string): Parsed<CidrEntry> {
  const { lines, faults: lineFaults } = logicalLines(text);
  const faults = [...lineFaults];
  const entries: CidrEntry[] = [];
  const within: string[] = [];
  for (const source of lines) {
    if (blockLine(source, within, faults)) continue;
    const found = /^(!?)[ \t]*([0-9A-Fa-f:.[\]/]+)\s+/.exec(source.text);
    const network =
      found === null ? undefined : parseCidr((found[2] as string).replace(/^\[([^\]]*)\]/, "$1"));
    const value = found === null ? "" : source.text.slice(found[0].length);
    if (network === undefined || value === "") {
      faults.push({ line: source.line, column: 1, message: "no `network value`" });
    } else {
      entries.push({ network, negated: found?.[1] === "!", value, within: [...within], line: source.line });
    }
  }
  return { entries, faults: closed(within, lines, faults) };
}

/** Reads a regexp: or pcre: table with its `if`/`endif` blocks; patterns are read, never run. Total. Postfix pcre_table(5) */
export function parsePatternTable(text: string): Parsed<PatternEntry> {
  const { lines, faults: lineFaults } = logicalLines(text);
  const faults = [...lineFaults];
  const entries: PatternEntry[] = [];
  const within: string[] = [];
  for (const source of lines) {
    if (blockLine(source, within, faults)) continue;
    const parts = patternOf(source.text);
    if (parts === undefined) faults.push({ line: source.line, column: 1, message: "no `/pattern/ value`" });
    else if (parts.value === "")
      faults.push({ line: source.line, column: 1, message: "a pattern without a result" });
    else entries.push({ ...parts, within: [...within], line: source.line });
  }
  return { entries, faults: closed(within, lines, faults) };
}

/** Takes `if …` and `endif`; false for any other line. */
function blockLine(source: LogicalLine, within: string[], faults: Fault[]): boolean {
  if (/^endif\b/i.test(source.text)) {
    if (within.pop() === undefined)
      faults.push({ line: source.line, column: 1, message: "endif without if" });
    return true;
  }
  const opening = /^if\s+/i.exec(source.text);
  if (opening === null) return false;
  const condition = source.text.slice(opening[0].length).trim();
  if (condition === "") faults.push({ ...placeIn(source, 0), message: "if without a condition" });
  within.push(condition);
  return true;
}

function closed(within: readonly string[], lines: readonly LogicalLine[], faults: Fault[]): readonly Fault[] {
  if (within.length > 0)
    faults.push({ line: lines.at(-1)?.line ?? 1, column: 1, message: "if without endif" });
  return faults.sort((a, b) => a.line - b.line);
}

function patternOf(text: string): Omit<PatternEntry, "within" | "line"> | undefined {
  const negations = /^(?:![ \t]*){0,8}/.exec(text)?.[0] ?? "";
  const delimiter = text.charAt(negations.length);
  if (delimiter === "" || /[A-Za-z0-9\s\\]/.test(delimiter)) return undefined;
  const start = negations.length + 1;
  let end = start;
  while (end < text.length && text.charAt(end) !== delimiter) end += text.charAt(end) === "\\" ? 2 : 1;
  if (end >= text.length) return undefined;
  const flags = /^[A-Za-z]*/.exec(text.slice(end + 1))?.[0] ?? "";
  return {
    pattern: text.slice(start, end),
    flags,
    negated: (negations.split("!").length - 1) % 2 === 1,
    value: text.slice(end + 1 + flags.length).trim(),
  };
}
