/** Stores as earlier versions left them, made from the schemas they were released with. */
import { renameSync, rmSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { databasePath } from "../../src/store/sqlite/layout.ts";
import * as schema from "../../src/store/sqlite/schema.ts";

const NAMED: Readonly<Record<string, unknown>> = { ...schema };
const SCHEMAS = Object.keys(NAMED).map((_, i) => String(NAMED[`SCHEMA_${i + 1}`]));
/** The first in which messages point at a number; before, at the hash of their octets. */
const NUMBERS_BLOBS = 10;
/** The first that finds records of a kind by a key. */
const KEYS_OF_KINDS = 11;
const HASH_OF_BLOB = "(SELECT hash FROM now.blob WHERE id = blob)";
const APPLICATION_ID = 0x77707374;

/** Turns a closed store of today into one of an earlier schema: the same rows in the tables and columns of then. */
export function ageStore(directory: string, version: number): void {
  const path = databasePath(directory);
  const aged = new DatabaseSync(`${path}.aged`);
  aged.exec(`PRAGMA foreign_keys = OFF; ${SCHEMAS.slice(0, version).join("\n")}
    DELETE FROM counter; ATTACH '${path}' AS now`);
  for (const table of tablesOf(aged)) {
    const there = columnsOf(aged, "now", table);
    const columns = [...columnsOf(aged, "main", table)].filter((column) => there.has(column));
    const values = columns.map((column) =>
      column === "blob" && version < NUMBERS_BLOBS ? HASH_OF_BLOB : column,
    );
    aged.exec(
      `INSERT INTO main.${table} (${columns.join(", ")}) SELECT ${values.join(", ")} FROM now.${table}`,
    );
  }
  if (version > 1 && version < KEYS_OF_KINDS)
    aged.exec("DELETE FROM journal_key WHERE substr(key, 1, 1) = char(1)");
  aged.exec(`DELETE FROM sqlite_sequence;
    INSERT INTO sqlite_sequence SELECT * FROM now.sqlite_sequence
      WHERE name IN (SELECT name FROM main.sqlite_schema);
    DETACH now;
    PRAGMA user_version = ${version}; PRAGMA application_id = ${APPLICATION_ID};
    PRAGMA journal_mode = WAL`);
  aged.close();
  for (const companion of ["-wal", "-shm"]) rmSync(`${path}${companion}`, { force: true });
  renameSync(`${path}.aged`, path);
}

const tablesOf = (db: DatabaseSync): readonly string[] =>
  (
    db
      .prepare("SELECT name FROM main.sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite%'")
      .all() as { name: string }[]
  ).map(({ name }) => name);

const columnsOf = (db: DatabaseSync, database: string, table: string): ReadonlySet<string> =>
  new Set(
    (db.prepare("SELECT name FROM pragma_table_info(?, ?)").all(table, database) as { name: string }[]).map(
      ({ name }) => name,
    ),
  );

/** One statement on a closed store, as if its data were odd. */
export function onStore(directory: string, sql: string): void {
  const db = new DatabaseSync(databasePath(directory));
  db.exec(`${sql}; PRAGMA wal_checkpoint(TRUNCATE)`);
  db.close();
}
