/** One line of an access table; `policy/` knows what keys and values say. */
export type AccessTableRow = {
  readonly table: string;
  /** What is looked up, folded by the caller. */
  readonly key: string;
  readonly value: string;
  /** For people: why it is there, and who put it. */
  readonly reason: string;
  readonly author: string;
  readonly created_ms: number;
  /** From here on nobody sees it. */
  readonly expires_ms?: number;
};

export interface TableReads {
  /** Rows of a table that have not expired by `now_ms`, by key. */
  accessEntries(table: string, now_ms: number): Promise<readonly AccessTableRow[]>;
  accessLookup(table: string, key: string, now_ms: number): Promise<AccessTableRow | undefined>;
  /** Names of the tables that have rows, sorted. */
  accessTables(): Promise<readonly string[]>;
  /** Grows with every write to a table, so that readers can keep what they read. Expiry does not count as one. */
  tablesVersion(): Promise<number>;
}

export interface TableWrites {
  /** Adds or replaces the row of this table and key. */
  putAccess(row: AccessTableRow): Promise<void>;
  /** False when there was none. */
  removeAccess(table: string, key: string): Promise<boolean>;
}
