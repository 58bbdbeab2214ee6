import type { Clock } from "../base/clock.ts";
import { parseCidr } from "../base/ip.ts";
import { whenHere, type Soon } from "../base/soon.ts";
import type { AccessTableRow, TableReads } from "../store/store.ts";
import type { TableAnswer } from "./ask.ts";
import { DEFAULT_TABLES } from "./defaults.ts";
import { DEFAULT_SETTINGS } from "./settings.ts";
import { searchKeys, type TableSearch } from "./table-search.ts";
import { findInTable, loadTable, type Table } from "./tables.ts";

/** A change of a table holds within this time; a busy server looks once for many messages. */
const TABLES_MS = 1_000;

/** Access tables as the operator edits them, read anew every second. */
export class StoredTables {
  readonly #tools: { readonly tables: TableReads; readonly clock: Clock };
  readonly #tables = new Map<string, readonly Table[]>();
  /** Patterns cost something to read: what has not changed is not read again, and what is broken leaves the one before. */
  readonly #patterns = new Map<string, { readonly text: string; readonly table: Table }>();
  #looked_ms = Number.NEGATIVE_INFINITY;

  constructor(tools: { readonly tables: TableReads; readonly clock: Clock }) {
    this.#tools = tools;
  }

  lookUp(name: string, search: TableSearch): Soon<TableAnswer> {
    return whenHere(this.#table(name.startsWith("table:") ? name.slice("table:".length) : name), (tables) =>
      found(tables, search),
    );
  }

  #table(name: string): Soon<readonly Table[] | undefined> {
    const now_ms = this.#tools.clock.now();
    if (now_ms - this.#looked_ms >= TABLES_MS) {
      this.#looked_ms = now_ms;
      this.#tables.clear();
    }
    return this.#tables.get(name) ?? this.#read(name, now_ms);
  }

  async #read(name: string, now_ms: number): Promise<readonly Table[] | undefined> {
    const rows = await this.#tools.tables.accessEntries(name, now_ms);
    if (rows.length === 0 && !DEFAULT_TABLES.some((standard) => standard === name)) return undefined;
    const patterns = this.#patternsOf(name, rows);
    if (patterns === "broken") return undefined;
    const tables = [...tablesOf(rows), ...patterns];
    this.#tables.set(name, tables);
    return tables;
  }

  #patternsOf(name: string, rows: readonly AccessTableRow[]): readonly Table[] | "broken" {
    const row = rows.find(({ key }) => key === PATTERNS_KEY);
    if (row === undefined) {
      this.#patterns.delete(name);
      return [];
    }
    const before = this.#patterns.get(name);
    if (before?.text === row.value) return [before.table];
    const { table } = loadTable("pattern", row.value, before?.table);
    if (table === undefined) return "broken";
    this.#patterns.set(name, { text: row.value, table });
    return [table];
  }
}

function found(tables: readonly Table[] | undefined, search: TableSearch): TableAnswer {
  if (tables === undefined) return "no-such-table";
  // On a fresh server they are empty.
  if (tables.every(isEmpty)) return "none";
  const keys = searchKeys(search, DEFAULT_SETTINGS);
  for (const table of tables) {
    const entry = findInTable(table, keys);
    if (entry !== undefined) return entry;
  }
  return "none";
}

const isEmpty = (table: Table): boolean =>
  table.kind === "indexed" ? table.entries.size === 0 : table.rules.length === 0;

/** Key of the one row that holds the patterns of a table, as a text: their order counts, and blocks span lines. */
export const PATTERNS_KEY = "regexp:";

/** Names and addresses go before networks, both before patterns. One key, one row; keys with a prefix length are networks, the narrowest first. */
function tablesOf(rows: readonly AccessTableRow[]): readonly Table[] {
  const networks = rows.flatMap(({ key, value }) => {
    const network = key.includes("/") ? parseCidr(key) : undefined;
    return network === undefined ? [] : [{ network, negated: false, value }];
  });
  networks.sort((a, b) => b.network.prefix_bits - a.network.prefix_bits);
  return [
    { kind: "indexed", entries: new Map(rows.map(({ key, value }) => [key, value])) },
    { kind: "cidr", rules: networks },
  ];
}
