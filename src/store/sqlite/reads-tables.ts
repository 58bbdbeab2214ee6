import type { AccessTableRow, TableReads } from "../store.ts";
import type { Readers } from "./readers.ts";

export const tableReads = (readers: Readers): TableReads => ({
  accessEntries: (table, now_ms) =>
    readers.read((db) => db.all<RawRow>(`${ROW} AND list = ? ORDER BY key`, now_ms, table).map(accessRow)),
  accessLookup: (table, key, now_ms) =>
    readers.read((db) => {
      const row = db.one<RawRow>(`${ROW} AND list = ? AND key = ?`, now_ms, table, key);
      return row && accessRow(row);
    }),
  accessTables: () => readers.read((db) => db.all<{ list: string }>(LISTS).map(({ list }) => list)),
  tablesVersion: () =>
    readers.read(
      (db) =>
        db.one<{ value: number }>("SELECT value FROM counter WHERE name = 'tables_version'")?.value ?? 0,
    ),
});

type RawRow = Omit<AccessTableRow, "expires_ms"> & { readonly expires_ms: number | null };

const ROW = `SELECT list AS "table", key, value, reason, author, created_ms, expires_ms FROM access_entry
  WHERE (expires_ms IS NULL OR expires_ms > ?)`;

const accessRow = ({ expires_ms, ...row }: RawRow): AccessTableRow =>
  expires_ms === null ? row : { ...row, expires_ms };

/** One look-up per table, where DISTINCT would read every row. */
const LISTS = `WITH RECURSIVE found (list) AS (
    SELECT min(list) FROM access_entry
    UNION ALL
    SELECT (SELECT min(list) FROM access_entry WHERE list > found.list) FROM found WHERE found.list IS NOT NULL
  ) SELECT list FROM found WHERE list IS NOT NULL`;
