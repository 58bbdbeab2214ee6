import type { TableAnswer } from "./ask.ts";
import type { PolicySettings } from "./settings.ts";
import { searchKeys, type TableSearch } from "./table-search.ts";
import { findInTable, loadTable, type Table, type TableFault, type TableKind } from "./tables.ts";

/** The access tables in use, by name. A text with errors leaves the table before it in place. */
export class TableShelf {
  readonly #tables = new Map<string, Table>();
  readonly #settings: PolicySettings;

  constructor(settings: PolicySettings) {
    this.#settings = settings;
  }

  /** Takes a text for a table; says what is wrong with it and whether it is in use now. */
  load(
    name: string,
    kind: TableKind,
    text: string,
  ): { readonly replaced: boolean; readonly faults: readonly TableFault[] } {
    const { table, replaced, faults } = loadTable(kind, text, this.#tables.get(name));
    if (table !== undefined) this.#tables.set(name, table);
    return { replaced, faults };
  }

  remove(name: string): void {
    this.#tables.delete(name);
  }

  has(name: string): boolean {
    return this.#tables.has(name);
  }

  lookUp(name: string, search: TableSearch): TableAnswer {
    const table = this.#tables.get(name);
    if (table === undefined) return "no-such-table";
    return findInTable(table, searchKeys(search, this.#settings)) ?? "none";
  }
}
