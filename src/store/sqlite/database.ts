import { existsSync } from "node:fs";
import { DatabaseSync, constants, type SQLInputValue, type StatementSync } from "node:sqlite";

/** How long a writer waits for another process's transaction. */
export const BUSY_TIMEOUT_MS = 5000;
/** Pages in the WAL before they move to the main file: 16 MB, so that random pages are written once per many commits. */
const CHECKPOINT_PAGES = 4000;
const WAL_SIZE_MAX_OCTETS = 64 * 1024 * 1024;

export type Value = SQLInputValue;

/** One SQLite connection with its statements, each prepared once. Rows come as arrays; the caller names the columns. */
export class Database implements Disposable {
  readonly raw: DatabaseSync;
  readonly #statements = new Map<string, StatementSync>();

  constructor(raw: DatabaseSync) {
    this.raw = raw;
  }

  /** First row, columns by name. */
  one<Row>(sql: string, ...values: Value[]): Row | undefined {
    return this.#statement(sql).get(...values) as Row | undefined;
  }

  all<Row>(sql: string, ...values: Value[]): Row[] {
    return this.#statement(sql).all(...values) as Row[];
  }

  /** Returns how many rows changed. */
  run(sql: string, ...values: Value[]): number {
    return Number(this.#statement(sql).run(...values).changes);
  }

  /** Row id of the row inserted. */
  insert(sql: string, ...values: Value[]): number {
    return Number(this.#statement(sql).run(...values).lastInsertRowid);
  }

  get inTransaction(): boolean {
    return this.raw.isTransaction;
  }

  [Symbol.dispose](): void {
    this.#statements.clear();
    if (this.raw.isOpen) this.raw.close();
  }

  #statement(sql: string): StatementSync {
    let statement = this.#statements.get(sql);
    if (statement === undefined) {
      statement = this.raw.prepare(sql);
      this.#statements.set(sql, statement);
    }
    return statement;
  }
}

/** A connection that can write: WAL, every commit synced, foreign keys checked, no second file attached. */
export function openForWriting(path: string): Database {
  const raw = new DatabaseSync(path, { timeout: BUSY_TIMEOUT_MS, defensive: true });
  try {
    raw.exec(
      `PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON;
       PRAGMA wal_autocheckpoint = ${CHECKPOINT_PAGES}; PRAGMA journal_size_limit = ${WAL_SIZE_MAX_OCTETS};
       PRAGMA cache_size = -65536; PRAGMA temp_store = MEMORY`,
    );
    denyAttach(raw);
    return new Database(raw);
  } catch (error) {
    raw.close();
    throw error;
  }
}

/** As `openForWriting`, with a second database beside it as `later`, to be read from. */
export function openBeside(path: string, later: string): Database {
  const raw = new DatabaseSync(path, { timeout: BUSY_TIMEOUT_MS, defensive: true });
  try {
    raw.exec("PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; PRAGMA temp_store = MEMORY");
    raw.prepare("ATTACH ? AS later").run(later);
    denyAttach(raw);
    return new Database(raw);
  } catch (error) {
    raw.close();
    throw error;
  }
}

/**
 * Keeps every other writer off a database whose file is about to be replaced, also one of another process; readers may go on.
 * What it held in companions is in the file itself then.
 */
export function holdAlone(path: string): Database {
  const db = new Database(new DatabaseSync(path, { timeout: BUSY_TIMEOUT_MS, defensive: true }));
  try {
    makeSingleFile(db);
    db.run("BEGIN IMMEDIATE");
    // Somebody was quicker between the two.
    const mode = db.one<{ journal_mode: string }>("PRAGMA journal_mode")?.journal_mode;
    if (mode !== "delete" || existsSync(`${path}-wal`)) throw new Error("another process has it open");
    return db;
  } catch (error) {
    db[Symbol.dispose]();
    throw error;
  }
}

/** Moves everything into the main file, which then needs no companions; fails while another connection is open. */
export function makeSingleFile(db: Database): void {
  const mode = db.one<{ journal_mode: string }>("PRAGMA journal_mode = DELETE")?.journal_mode;
  if (mode !== "delete") throw new Error(`the database stays in ${mode ?? "no"} mode`);
}

/** A connection that sees the last commit and cannot write. */
export function openForReading(path: string): Database {
  const raw = new DatabaseSync(path, { readOnly: true, timeout: BUSY_TIMEOUT_MS, defensive: true });
  try {
    raw.exec("PRAGMA query_only = ON; PRAGMA cache_size = -16384; PRAGMA temp_store = MEMORY");
    denyAttach(raw);
    return new Database(raw);
  } catch (error) {
    raw.close();
    throw error;
  }
}

/** Node's permission model does not see files that SQLite attaches, so SQLite is told to refuse. */
function denyAttach(raw: DatabaseSync): void {
  const { SQLITE_ATTACH, SQLITE_DENY, SQLITE_OK } = constants;
  raw.setAuthorizer((action) => (action === SQLITE_ATTACH ? SQLITE_DENY : SQLITE_OK));
}
