import type { Soon } from "../../base/soon.ts";
import type { Database } from "./database.ts";
import type { OperationKind } from "./operations.ts";
import type { Readers } from "./readers.ts";

/** Other processes' changes are seen after this long; our own at once. */
const TRUSTED_MS = 50;
/** Answers kept of each kind; guesses at addresses must not fill the memory. */
const ANSWERS_MAX = 10_000;

/** What is asked about. */
type Kind = "domain" | "address" | "account";

/** The counter that every change of domains, accounts and addresses raises. */
export const DIRECTORY_VERSION = "directory_version";

export const CHANGES_DIRECTORY: ReadonlySet<OperationKind> = new Set<OperationKind>([
  "addDomain",
  "removeDomain",
  "addAccount",
  "removeAccount",
  "changeAccount",
  "putAddress",
  "removeAddress",
]);

/**
 * Answers out of the directory, which every recipient asks for again. They hold as long as the directory's version
 * stays what it was.
 */
export class DirectoryMemory {
  readonly #readers: Readers;
  readonly #answers: Readonly<Record<Kind, Map<string | number, unknown>>> = {
    domain: new Map(),
    address: new Map(),
    account: new Map(),
  };
  #version = -1;
  #checked_ms = -Infinity;

  constructor(readers: Readers) {
    this.#readers = readers;
  }

  /** All in one turn, so that no answer outlives its version. A `key` made for the question costs more than the answer. */
  answer<T>(kind: Kind, key: string | number, ask: (db: Database) => T): Soon<T> {
    const answers = this.#answers[kind];
    if (this.#isFresh && this.#readers.isOpen) {
      const known = answers.get(key);
      if (known !== undefined) return known as T;
    }
    return this.#readers.read((db) => {
      this.#check(db);
      if (answers.has(key)) return answers.get(key) as T;
      const answer = ask(db);
      if (answers.size >= ANSWERS_MAX) answers.clear();
      answers.set(key, answer);
      return answer;
    });
  }

  get #isFresh(): boolean {
    return performance.now() - this.#checked_ms <= TRUSTED_MS;
  }

  /** Something has changed: the next question looks at the version. */
  doubt(): void {
    this.#checked_ms = -Infinity;
  }

  #check(db: Database): void {
    if (this.#isFresh) return;
    const version = versionIn(db);
    if (version !== this.#version) for (const answers of Object.values(this.#answers)) answers.clear();
    this.#version = version;
    this.#checked_ms = performance.now();
  }
}

const versionIn = (db: Database): number =>
  db.one<{ value: number }>(`SELECT value FROM counter WHERE name = '${DIRECTORY_VERSION}'`)?.value ?? 0;

export function raiseDirectoryVersion(db: Database): void {
  db.run(
    `INSERT INTO counter VALUES ('${DIRECTORY_VERSION}', 1) ON CONFLICT (name) DO UPDATE SET value = value + 1`,
  );
}
