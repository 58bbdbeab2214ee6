import { StoreError, toStoreError } from "../store-error.ts";
import { openForReading, type Database } from "./database.ts";
import { checkVersion } from "./migrations.ts";

/** Snapshots that may be open at once; each long read holds one for as long as it lasts. */
const SNAPSHOTS_MAX = 8;

/**
 * Read-only connections: one for reads that are over at once, a few that hold a snapshot while a long read gives way
 * to the loop between its batches.
 */
export class Readers implements Disposable {
  readonly #path: string;
  readonly #main: Database;
  readonly #idle: Database[] = [];
  readonly #waiting: ((db: Database) => void)[] = [];
  #open = 0;
  #closed = false;

  constructor(path: string) {
    this.#path = path;
    this.#main = openForReading(path);
    checkVersion(this.#main, path);
  }

  get isOpen(): boolean {
    return !this.#closed;
  }

  /** The last commit, for one statement or for several whose answers need not belong together. */
  get db(): Database {
    if (this.#closed) throw new StoreError("closed", "the store is closed");
    return this.#main;
  }

  /** A read that is over in one go, with failures as `StoreError`. */
  async read<T>(task: (db: Database) => T): Promise<T> {
    try {
      return task(this.db);
    } catch (error) {
      throw toStoreError(error, "reading the store");
    }
  }

  /** Begins a view of the store that later commits do not change. The caller disposes of it. */
  async snapshot(): Promise<Snapshot> {
    const db = await this.#take();
    try {
      db.run("BEGIN");
      db.one("SELECT 1 FROM counter LIMIT 1");
    } catch (error) {
      this.#giveBack(db);
      throw toStoreError(error, "reading the store");
    }
    return {
      db,
      [Symbol.dispose]: () => {
        if (db.inTransaction) db.run("COMMIT");
        this.#giveBack(db);
      },
    };
  }

  [Symbol.dispose](): void {
    this.#closed = true;
    this.#main[Symbol.dispose]();
    for (const db of this.#idle.splice(0)) db[Symbol.dispose]();
  }

  async #take(): Promise<Database> {
    if (this.#closed) throw new StoreError("closed", "the store is closed");
    const idle = this.#idle.pop();
    if (idle !== undefined) return idle;
    if (this.#open >= SNAPSHOTS_MAX) return await new Promise((resolve) => this.#waiting.push(resolve));
    this.#open++;
    return openForReading(this.#path);
  }

  #giveBack(db: Database): void {
    if (this.#closed) return db[Symbol.dispose]();
    const next = this.#waiting.shift();
    if (next) next(db);
    else this.#idle.push(db);
  }
}

export type Snapshot = Disposable & { readonly db: Database };
