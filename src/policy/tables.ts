import { asciiLower } from "../base/ascii.ts";
import { cidrContains, parseCidr, parseIp, type Cidr } from "../base/ip.ts";
import { err, ok, type Result } from "../base/result.ts";
import { POLICY_LIMITS } from "./limits.ts";
import { parseTableAction } from "./table-action.ts";
import { logicalLines, type PlacedFault, type TableLine } from "./table-lines.ts";
import { findPattern, parsePatternRules, type PatternRule } from "./table-patterns.ts";
import type { TableKey } from "./table-search.ts";

/** An access table in memory. */
export type Table =
  | { readonly kind: "indexed"; readonly entries: ReadonlyMap<string, string> }
  | { readonly kind: "cidr"; readonly rules: readonly CidrRule[] }
  | { readonly kind: "pattern"; readonly rules: readonly PatternRule[] };

type CidrRule = { readonly network: Cidr; readonly negated: boolean; readonly value: string };

/** How the text of a table is written: `key value`, `network value` or `/pattern/flags value`. */
export type TableKind = Table["kind"];

export type TableFault = PlacedFault & {
  /** `warning`: the table works, but an entry does not do what it says. */
  readonly severity: "error" | "warning";
};
export type LoadedTable = { readonly table: Table; readonly faults: readonly TableFault[] };

/** The first entry that a key matches. */
export function findInTable(
  table: Table,
  keys: readonly TableKey[],
): { key: string; value: string } | undefined {
  for (const { key, partial } of keys) {
    // Patterns and networks are matched against the whole thing only. Postfix access(5)
    if (partial && table.kind !== "indexed") continue;
    const value = valueFor(table, key);
    if (value !== undefined) return { key, value };
  }
  return undefined;
}

function valueFor(table: Table, key: string): string | undefined {
  if (table.kind === "indexed") return table.entries.get(key);
  if (table.kind === "pattern") return findPattern(table.rules, key);
  const ip = parseIp(key);
  if (ip === undefined) return undefined;
  // "Not in this network" speaks of addresses of the same family only.
  const found = table.rules.find(
    ({ network, negated }) => network.address.family === ip.family && cidrContains(network, ip) !== negated,
  );
  return found?.value;
}

/** Reads the text of a table. Any error refuses the whole text: half a table would let through what the other half stops. */
export function parseTable(kind: TableKind, text: string): Result<LoadedTable, readonly TableFault[]> {
  if (text.length > POLICY_LIMITS.tableTextMax) {
    return err([
      { line: 1, column: 1, severity: "error", message: "the table is too large; keep it in the store" },
    ]);
  }
  const { lines, faults: lineFaults } = logicalLines(text);
  const faults: TableFault[] = lineFaults.map((fault) => ({ ...fault, severity: "error" }));
  const table =
    kind === "indexed"
      ? parseIndexed(lines, faults)
      : kind === "cidr"
        ? parseCidrs(lines, faults)
        : parsePatterns(lines, faults);
  faults.sort((a, b) => a.line - b.line || a.column - b.column);
  return faults.some((fault) => fault.severity === "error") ? err(faults) : ok({ table, faults });
}

/** A new text of a table replaces the old one only where it is without error (the old one goes on working). */
export function loadTable(
  kind: TableKind,
  text: string,
  previous: Table | undefined,
): { readonly table: Table | undefined; readonly replaced: boolean; readonly faults: readonly TableFault[] } {
  const parsed = parseTable(kind, text);
  if (parsed.ok) return { table: parsed.value.table, replaced: true, faults: parsed.value.faults };
  return { table: previous, replaced: false, faults: parsed.error };
}

function parseIndexed(lines: readonly TableLine[], faults: TableFault[]): Table {
  const entries = new Map<string, string>();
  for (const { line, text } of lines) {
    const split = splitEntry(text);
    if (split === undefined) {
      faults.push({ line, column: text.length + 1, severity: "error", message: "a key without a result" });
      continue;
    }
    const key = asciiLower(split.key);
    if (entries.has(key)) {
      faults.push({
        line,
        column: 1,
        severity: "warning",
        message: `${key} was there already; the first entry counts`,
      });
    } else {
      entries.set(key, split.value);
    }
    checkValue(split.value, line, split.column, faults);
  }
  return { kind: "indexed", entries };
}

function parseCidrs(lines: readonly TableLine[], faults: TableFault[]): Table {
  const rules: CidrRule[] = [];
  for (const { line, text } of lines) {
    const split = splitEntry(text);
    if (split === undefined) {
      faults.push({
        line,
        column: text.length + 1,
        severity: "error",
        message: "a network without a result",
      });
      continue;
    }
    const negated = split.key.startsWith("!");
    const network = parseCidr(split.key.slice(negated ? 1 : 0));
    if (network === undefined) {
      faults.push({
        line,
        column: 1,
        severity: "error",
        message: `${split.key} is not an address or network`,
      });
      continue;
    }
    rules.push({ network, negated, value: split.value });
    checkValue(split.value, line, split.column, faults);
  }
  return { kind: "cidr", rules };
}

function parsePatterns(lines: readonly TableLine[], faults: TableFault[]): Table {
  const rules = parsePatternRules(lines, (fault) => faults.push({ ...fault, severity: "error" }));
  const check = (rule: PatternRule): void => {
    if (rule.kind === "if") rule.rules.forEach(check);
    else checkValue(rule.value, rule.line, 1, faults);
  };
  rules.forEach(check);
  return { kind: "pattern", rules };
}

function splitEntry(text: string): { key: string; value: string; column: number } | undefined {
  const found = /^("[^"]*"|[^ \t]+)[ \t]+/.exec(text);
  if (found === null) return undefined;
  const key = (found[1] as string).replace(/^"(.*)"$/, "$1");
  return { key, value: text.slice(found[0].length), column: found[0].length + 1 };
}

/** Results that do not do what they seem to. */
function checkValue(value: string, line: number, column: number, faults: TableFault[]): void {
  const action = parseTableAction(value);
  const warn = (message: string): void => void faults.push({ line, column, severity: "warning", message });
  if (action.kind === "skip") warn(`this entry is skipped: ${action.why}`);
  if (action.kind === "discard") warn("DISCARD would accept mail and drop it; such mail is rejected instead");
  if (action.kind === "ok" && /^[45][0-9]{2}$/.test(value.trim())) {
    warn(`${value.trim()} alone means OK, in Postfix too; write ${value.trim()} and a text to refuse`);
  }
}
