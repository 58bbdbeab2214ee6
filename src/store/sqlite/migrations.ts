import { StoreError } from "../store-error.ts";
import { openForReading, type Database } from "./database.ts";
import * as schema from "./schema.ts";

/** Marks our files in SQLite's header (`PRAGMA application_id`): "wpst". */
const APPLICATION_ID = 0x77707374;

/** Each brings the schema from the number before to its own; never changed once released. */
export const MIGRATIONS: readonly string[] = [
  schema.SCHEMA_1,
  schema.SCHEMA_2,
  schema.SCHEMA_3,
  schema.SCHEMA_4,
  schema.SCHEMA_5,
  schema.SCHEMA_6,
  schema.SCHEMA_7,
  schema.SCHEMA_8,
  schema.SCHEMA_9,
  schema.SCHEMA_10,
  schema.SCHEMA_11,
  schema.SCHEMA_12,
];

export const SCHEMA_VERSION = MIGRATIONS.length;

/**
 * Brings a new database, or a copy of one, to this version's schema, in one transaction; does nothing where it is already.
 * Data that a server lives on are brought there by `upgrade.ts` alone.
 */
export function migrate(db: Database, path: string): void {
  if (checkVersion(db, path) === SCHEMA_VERSION) return;
  db.raw.exec("BEGIN IMMEDIATE");
  try {
    migrateWithin(db, path);
    db.raw.exec("COMMIT");
  } catch (error) {
    if (db.inTransaction) db.raw.exec("ROLLBACK");
    throw error;
  }
}

/** As `migrate`, in a transaction that is open. */
export function migrateWithin(db: Database, path: string): void {
  // Another process may have been here first.
  for (let version = checkVersion(db, path); version < SCHEMA_VERSION; version++) {
    db.raw.exec(MIGRATIONS[version] ?? "");
    db.raw.exec(`PRAGMA user_version = ${version + 1}; PRAGMA application_id = ${APPLICATION_ID}`);
  }
}

/** Makes the schema where there is none; refuses data of an older one, which nobody changes in passing. */
export function makeOrRequire(db: Database, path: string): void {
  const version = checkVersion(db, path);
  if (version === 0) return migrate(db, path);
  if (version < SCHEMA_VERSION)
    throw new StoreError(
      "older-schema",
      `${path} has schema ${version}, this version of the server works with schema ${SCHEMA_VERSION}`,
    );
}

/** The version of an existing database; refuses one that is newer than this program or not ours. */
export function checkVersion(db: Database, path: string): number {
  const version = db.one<{ user_version: number }>("PRAGMA user_version")?.user_version ?? 0;
  const application = db.one<{ application_id: number }>("PRAGMA application_id")?.application_id ?? 0;
  const foreign = version > 0 ? application !== APPLICATION_ID : hasTables(db);
  if (foreign) {
    throw new StoreError("corrupt", `${path} is a database of another program`);
  }
  if (version > SCHEMA_VERSION) {
    throw new StoreError(
      "newer-schema",
      `${path} has schema ${version}, this version of the server knows schemas up to ${SCHEMA_VERSION}`,
    );
  }
  return version;
}

/** The first schema comes with its number in one transaction: tables without a number are somebody else's. */
const hasTables = (db: Database): boolean => db.one("SELECT 1 FROM sqlite_schema LIMIT 1") !== undefined;

/** SQLITE_CANTOPEN: a log beside the file cannot be read without writing its index, e.g. on a read-only disk. */
const CANNOT_OPEN = 14;

/** Refuses a database that is not ours before any connection that could change its first page. */
export function checkBeforeWriting(path: string): void {
  try {
    using db = openForReading(path);
    checkVersion(db, path);
  } catch (error) {
    if ((error as { errcode?: number }).errcode !== CANNOT_OPEN) throw error;
  }
}
