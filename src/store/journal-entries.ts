/** The journal's part of the contract in `store.ts`. */

/** One record of the journal; the store knows how to find it, `journal/` knows what it says. */
export type JournalEntry = {
  /** `session`, `message`, `delivery`, `login`, `fate`. */
  readonly kind: string;
  /** Session or queue id; records that belong together share it. */
  readonly id: string;
  readonly at_ms: number;
  /** What people search by, folded by the caller: ids, addresses, IP addresses, message-ids; at most 32. */
  readonly keys: readonly string[];
  /** JSON. */
  readonly body: string;
};

/** Enough to name a record. */
export type JournalMark = Pick<JournalEntry, "kind" | "id" | "at_ms">;

export interface JournalReads {
  /** Newest first; at most `limit`. Without `key` all records. */
  journalFind(question: {
    readonly key?: string;
    readonly kind?: string;
    readonly since_ms: number;
    readonly limit: number;
  }): Promise<readonly JournalEntry[]>;
  /** Oldest first, in batches so that the loop stays free; with `until_ms` only what is older than that. */
  journalScan(question: {
    readonly kind?: string;
    readonly since_ms: number;
    readonly until_ms?: number;
  }): AsyncIterable<readonly JournalEntry[]>;
}

export interface JournalWrites {
  /** May be grouped with other writes; resolves after the commit. */
  record(entries: readonly JournalEntry[]): Promise<void>;
  /** Forgets these records with their keys: a person's right (GDPR article 17). Returns how many there were. */
  forget(records: readonly JournalMark[]): Promise<number>;
  /** Forgets what is older, then the oldest until the bodies, as stored, fit. Returns how many went. In steps that never block the writer for long. */
  prune(bounds: { readonly before_ms: number; readonly octets_max: number }): Promise<number>;
}
