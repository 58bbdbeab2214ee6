import { asciiLower } from "../base/ascii.ts";
import { networkOf, parseCidr, type Cidr } from "../base/ip.ts";
import { err, ok, type Result } from "../base/result.ts";
import { parseTableAction } from "../policy/table-action.ts";
import { logicalLines } from "../policy/table-lines.ts";
import { parseTable, type Table, type TableFault } from "../policy/tables.ts";
import type { AccessTableRow, Store } from "../store/store.ts";

/** One entry of the text of a table, as the store keeps it. */
export type TableEntry = {
  readonly key: string;
  readonly value: string;
  readonly line: number;
  /** Why the entry does not do what it says; it is not to be kept. */
  readonly refused?: string;
  /** The network before it that decides, so that it can be left out. */
  readonly unreached?: string;
};
type ReadTable = { readonly entries: readonly TableEntry[]; readonly warnings: readonly TableFault[] };

/** Rows in one commit or a few: the store groups what is written at once. */
const ROWS_AT_ONCE = 200;

/**
 * Reads the text of a table into entries of the store, which finds names and addresses as they are and of networks the
 * narrowest. `cidr`: the first network that holds an address decides, so what an earlier one holds already is left out.
 * Any error refuses the whole text. Total.
 */
export function readTableText(
  format: "indexed" | "cidr",
  text: string,
): Result<ReadTable, readonly TableFault[]> {
  const parsed = parseTable(format, text);
  if (!parsed.ok) return parsed;
  const { table, faults } = parsed.value;
  const lines = entryLines(text);
  const entries = table.kind === "cidr" ? networkEntries(table.rules, lines) : indexedEntries(table, lines);
  const strange = lines.flatMap(({ key, line }) => {
    const why = format === "cidr" && !key.startsWith("!") ? undefined : whyNotKey(key);
    return why === undefined ? [] : [{ line, column: 1, severity: "error", message: why } as const];
  });
  if (strange.length > 0) return err(strange);
  // The warnings of single values are the entries' own.
  const warnings = faults.filter(({ message }) => !NO_RESULT.test(message));
  return ok({ entries, warnings });
}

type ReadPatterns = { readonly patterns: number; readonly warnings: readonly TableFault[] };

/** Looks through the text of a regexp: or pcre: table; a result that does not do what it says refuses it as an error does. */
export function readPatterns(text: string): Result<ReadPatterns, readonly TableFault[]> {
  const parsed = parseTable("pattern", text);
  if (!parsed.ok) return err(parsed.error.filter(({ severity }) => severity === "error"));
  const { table, faults } = parsed.value;
  const wrong = faults.filter(({ message }) => NO_RESULT.test(message));
  if (wrong.length > 0) return err(wrong);
  return ok({ patterns: table.kind === "pattern" ? countOf(table.rules) : 0, warnings: faults });
}

const countOf = (rules: Extract<Table, { kind: "pattern" }>["rules"]): number =>
  rules.reduce((sum, rule) => sum + (rule.kind === "if" ? countOf(rule.rules) : 1), 0);

const NO_RESULT = /^this entry is skipped|^DISCARD/;

type EntryLine = { readonly line: number; readonly key: string };

/** The lines that begin an entry, as `parseTable` sees them. */
const entryLines = (text: string): readonly EntryLine[] =>
  logicalLines(text).lines.flatMap(({ line, text: content }) => {
    const key = /^("[^"]*"|[^ \t]+)[ \t]/.exec(content)?.[1];
    return key === undefined ? [] : [{ line, key: asciiLower(key.replace(/^"(.*)"$/, "$1")) }];
  });

/** Why nothing is ever found under this key, in lower case; undefined where it is good. */
export function whyNotKey(key: string): string | undefined {
  if (key === "" || /\s/.test(key)) return "no name, address or network holds a space";
  if (/^!*\/|^(?:if|endif)$/.test(key)) return "a pattern: such tables are loaded with --regexp";
  if (key.startsWith("!")) return 'the store has no "all but this"; write what is meant';
  return /^[0-9a-f:.]+\/[0-9]*$/.test(key) && parseCidr(key) === undefined
    ? `${key} is no network`
    : undefined;
}

function indexedEntries(table: Table, lines: readonly EntryLine[]): readonly TableEntry[] {
  if (table.kind !== "indexed") return [];
  const firstLine = new Map(lines.toReversed().map(({ key, line }) => [key, line]));
  return [...table.entries].map(([key, value]) => checked({ key, value, line: firstLine.get(key) ?? 0 }));
}

function checked(entry: TableEntry): TableEntry {
  const action = parseTableAction(entry.value);
  if (action.kind === "skip") return { ...entry, refused: `${entry.value}: ${action.why}` };
  return action.kind === "discard"
    ? { ...entry, refused: "DISCARD would accept mail and drop it; use REJECT" }
    : entry;
}

function networkEntries(
  rules: readonly { readonly network: Cidr; readonly value: string }[],
  lines: readonly EntryLine[],
): readonly TableEntry[] {
  const kept = new Set<string>();
  const widths = new Set<number>();
  return rules.map(({ network: { address, prefix_bits }, value }, i) => {
    const within = (bits: number): string => networkOf(address, bits, bits);
    const holder = [...widths].find((bits) => bits <= prefix_bits && kept.has(within(bits)));
    const key = within(prefix_bits);
    kept.add(key);
    widths.add(prefix_bits);
    const entry = checked({ key, value, line: lines[i]?.line ?? 0 });
    return holder === undefined ? entry : { ...entry, unreached: within(holder) };
  });
}

export type RowOutcome = "added" | "already there" | "replaced" | { readonly keeps: string };

/** Puts rows into a table of the store; `keep` leaves what is there under the same key. One outcome for each row, in order. */
export async function putRows(
  store: Store,
  rows: readonly AccessTableRow[],
  different: "replace" | "keep",
): Promise<readonly RowOutcome[]> {
  const names = new Set(rows.map(({ table }) => table));
  const now_ms = rows[0]?.created_ms ?? 0;
  const there = new Map<string, string>();
  for (const name of names)
    for (const { table, key, value } of await store.tables.accessEntries(name, now_ms))
      there.set(`${table}\0${key}`, value);
  const outcomes = rows.map(({ table, key, value }): RowOutcome => {
    const before = there.get(`${table}\0${key}`);
    if (before === undefined) return "added";
    if (before === value) return "already there";
    return different === "replace" ? "replaced" : { keeps: before };
  });
  const toPut = rows.filter((_, i) => outcomes[i] === "added" || outcomes[i] === "replaced");
  for (let at = 0; at < toPut.length; at += ROWS_AT_ONCE)
    await Promise.all(toPut.slice(at, at + ROWS_AT_ONCE).map((row) => store.tables.putAccess(row)));
  return outcomes;
}
