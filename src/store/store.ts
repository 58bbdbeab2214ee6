import type { AccountId, MailboxId, ModSeq } from "../base/mail-ids.ts";
import type { TableReads, TableWrites } from "./access-tables.ts";
import type { DirectoryReads, DirectoryWrites } from "./directory.ts";
import type { MessageFate } from "./fate.ts";
import type { JournalReads, JournalWrites } from "./journal-entries.ts";
import type { MailReads, MailWrites } from "./mail.ts";
import type { QueueReads, QueueWrites } from "./queue.ts";
import type { ReportReads, ReportWrites } from "./report-counts.ts";
import type { RetentionReads, RetentionWrites } from "./retention.ts";

export type {
  AccountRow,
  RecipientRow,
  AddressRow,
  CredentialRow,
  SigningKeyRow,
  DirectoryReads,
  DirectoryRefusal,
  DirectoryResult,
  DirectoryWrites,
  NewAccount,
  AccountChange,
} from "./directory.ts";
export type {
  SpecialUse,
  MailboxRow,
  Flags,
  BlobId,
  MessageRow,
  MailboxDelta,
  MailReads,
  MessageSource,
  Delivery,
  CopyOutcome,
  NewMessage,
  MailRefusal,
  MailResult,
  CopiedUids,
  FlagChange,
  FlagOutcome,
  MailWrites,
} from "./mail.ts";
export type {
  TlsDemand,
  NewQueueEntry,
  NewQueueRecipient,
  QueueRecipient,
  QueueEntry,
  QueueReads,
  RecipientResult,
  QueueWrites,
} from "./queue.ts";
export { NO_FLAGS, SystemFlag } from "./mail.ts";
export type { AccessTableRow, TableReads, TableWrites } from "./access-tables.ts";
export type { JournalEntry, JournalMark, JournalReads, JournalWrites } from "./journal-entries.ts";

/**
 * The memory of the server in the language of mail (DESIGN §3, contract 3). Reads see the last commit;
 * a write resolves only after the commit that holds it is on stable storage. Engines: `sqlite/`.
 * Rejections mean the store itself is broken or full (`StoreError`); everything a caller can provoke is a value.
 */
export interface Store extends AsyncDisposable {
  readonly directory: DirectoryReads & DirectoryWrites;
  readonly mail: MailReads & MailWrites;
  readonly queue: QueueReads & QueueWrites;
  readonly journal: JournalReads & JournalWrites;
  readonly tables: TableReads & TableWrites;
  readonly reports: ReportReads & ReportWrites;
  readonly retention: RetentionReads & RetentionWrites;
  /** Calls back after each commit that changed a mailbox of this process. Returns the way to stop. */
  watch(listener: (change: MailboxChange) => void): () => void;
  /** Calls back after each commit in which readers did something with delivered mail for the first time. */
  watchFates(listener: (fates: readonly MessageFate[]) => void): () => void;
  /** A consistent copy of everything while the server runs; `directory` is made and must be empty. */
  backup(directory: string): Promise<void>;
}

export type MailboxChange = {
  readonly account: AccountId;
  readonly mailbox: MailboxId;
  readonly modSeq: ModSeq;
};

/** Why the store cannot serve at all. `full`: disk full; `readonly`; `newer-schema`; `older-schema`; `corrupt`; `locked`; `closed`. */
export type StoreFault =
  | "full"
  | "readonly"
  | "newer-schema"
  | "older-schema"
  | "corrupt"
  | "locked"
  | "closed"
  | "io";

/** Bounds every engine keeps: clients make up keywords and mailboxes, and lists of them must stay short. */
export const STORE_LIMITS = {
  /** Enough for any person, few enough to list at once. */
  mailboxesPerAccount: 5000,
  keywordsPerMailbox: 1000,
  keywordsPerMessage: 64,
  /** More would make one record of a hostile message a thousand rows. */
  keysPerRecord: 32,
  /** Fates told of one write: whoever marks a whole mailbox as read has not read it. */
  fatesPerWrite: 1000,
  /** Different rows of one report: a forger with a network of his own makes one per address. */
  rowsPerReport: 5000,
  /** Reports and rows of one kind and day: whoever makes up domains that ask for reports must not fill the disk. */
  reportsPerDay: 10_000,
  reportRowsPerDay: 100_000,
  /** Characters of the facts of one row. */
  reportFacts: 8192,
} as const;
