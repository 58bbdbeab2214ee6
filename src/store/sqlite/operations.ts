import type { AccountId, MailboxId, ModSeq, Uid } from "../../base/mail-ids.ts";
import type { MessageFate } from "../fate.ts";
import type * as R from "../report-counts.ts";
import type * as S from "../store.ts";

/** Every write as a value that crosses to the writer thread: what goes in, what comes out. */
export interface Operations {
  // directory
  addDomain: [domain: string, S.DirectoryResult];
  removeDomain: [domain: string, S.DirectoryResult];
  addAccount: [account: S.NewAccount, S.DirectoryResult<AccountId>];
  removeAccount: [id: AccountId, S.DirectoryResult];
  changeAccount: [input: { readonly id: AccountId; readonly change: S.AccountChange }, S.DirectoryResult];
  putAddress: [address: S.AddressRow, S.DirectoryResult];
  removeAddress: [input: { readonly localPart: string; readonly domain: string }, S.DirectoryResult];
  putCredential: [credential: Omit<S.CredentialRow, "id">, S.DirectoryResult<number>];
  removeCredential: [input: { readonly account: AccountId; readonly id: number }, S.DirectoryResult];
  credentialUsed: [input: { readonly id: number; readonly at_ms: number }, void];
  putSetting: [input: { readonly name: string; readonly value: string }, void];
  putSigningKey: [key: S.SigningKeyRow, S.DirectoryResult];
  removeSigningKey: [input: { readonly domain: string; readonly selector: string }, boolean];
  // mail
  deliver: [delivery: PackedDelivery, readonly S.CopyOutcome[]];
  append: [
    input: { readonly mailbox: MailboxId; readonly messages: readonly PackedNewMessage[] },
    AppendResult,
  ];
  copy: [input: CopyInput, S.MailResult<S.CopiedUids>];
  move: [input: CopyInput, S.MailResult<S.CopiedUids>];
  storeFlags: [input: StoreFlagsInput, S.MailResult<S.FlagOutcome>];
  expunge: [
    input: { readonly mailbox: MailboxId; readonly uids?: Uint32Array },
    S.MailResult<readonly Uid[]>,
  ];
  remove: [input: { readonly mailbox: MailboxId; readonly uids: Uint32Array }, S.MailResult<readonly Uid[]>];
  keepFor: [input: { readonly mailbox: MailboxId; readonly days: number }, S.MailResult];
  expire: [
    input: { readonly mailbox: MailboxId; readonly uids: Uint32Array; readonly now_ms: number },
    readonly Uid[],
  ];
  createMailbox: [input: CreateMailboxInput, S.MailResult<MailboxId>];
  deleteMailbox: [id: MailboxId, S.MailResult];
  renameMailbox: [input: { readonly id: MailboxId; readonly name: string }, S.MailResult];
  subscribe: [
    input: { readonly account: AccountId; readonly name: string; readonly subscribed: boolean },
    void,
  ];
  // queue
  lease: [input: LeaseInput, readonly string[]];
  settle: [input: SettleInput, void];
  flush: [input: { readonly id?: string; readonly now_ms: number }, number];
  hold: [input: { readonly id: string; readonly held: boolean }, boolean];
  drop: [id: string, boolean];
  releaseLeases: [input: undefined, void];
  // journal
  record: [entries: readonly S.JournalEntry[], void];
  forgetRecords: [records: readonly S.JournalMark[], number];
  pruneStep: [bounds: { readonly before_ms: number; readonly octets_max: number }, PruneStep];
  // access tables
  putAccess: [row: S.AccessTableRow, void];
  removeAccess: [input: { readonly table: string; readonly key: string }, boolean];
  // reports
  countReports: [counts: readonly R.ReportCount[], void];
  settleReport: [
    input: { readonly settled: R.ReportSettled; readonly mails: readonly PackedDelivery[] },
    boolean,
  ];
  pruneReports: [bounds: { readonly settled_before_day: string; readonly due_before_day: string }, PruneStep];
  // the store's own
  holdSegments: [input: { readonly id: string; readonly duration_ms: number }, void];
  releaseSegments: [id: string, void];
}
export type OperationKind = keyof Operations;
export type Input<Kind extends OperationKind> = Operations[Kind][0];
export type Output<Kind extends OperationKind> = Operations[Kind][1];

export type AppendResult = Awaited<ReturnType<S.MailWrites["append"]>>;
export type CopyInput = { readonly from: MailboxId; readonly uids: Uint32Array; readonly to: MailboxId };
export type StoreFlagsInput = {
  readonly mailbox: MailboxId;
  readonly uids: Uint32Array;
  readonly change: S.FlagChange;
};
export type CreateMailboxInput = {
  readonly account: AccountId;
  readonly name: string;
  readonly specialUse?: S.SpecialUse;
};
export type LeaseInput = { readonly now_ms: number; readonly until_ms: number; readonly limit: number };
export type SettleInput = {
  readonly id: string;
  readonly results: readonly S.RecipientResult[];
  readonly notices: readonly PackedDelivery[];
};

export type PruneStep = { readonly removed: number; readonly more: boolean };

/** A message ready to be written: the outline already is text, the ids its thread is found by stand apart. */
export type PackedMessage = {
  readonly source: S.MessageSource;
  readonly outline: string;
  /** Its own Message-ID first, then those it refers to, nearest first; bounded. */
  readonly threadIds: readonly string[];
};
export type PackedDelivery = Omit<S.Delivery, "source" | "outline" | "onward"> & {
  readonly message: PackedMessage;
  readonly onward?: PackedMessage;
};
export type PackedNewMessage = Omit<S.NewMessage, "source" | "outline"> & { readonly message: PackedMessage };

/** What the calling side posts: everything asked for in one turn of its loop. */
export type WriteRequest = {
  readonly now_ms: number;
  readonly operations: readonly {
    readonly id: number;
    readonly kind: OperationKind;
    readonly input: unknown;
  }[];
};
export type OperationResult =
  | { readonly id: number; readonly ok: true; readonly output: unknown }
  | {
      readonly id: number;
      readonly ok: false;
      readonly fault: S.StoreFault;
      readonly message: string;
      readonly remedy: string;
    };
/** What the writer posts back after a commit. */
export type WriteReply = {
  readonly results: readonly OperationResult[];
  readonly changes: readonly {
    readonly account: AccountId;
    readonly mailbox: MailboxId;
    readonly modSeq: ModSeq;
  }[];
  readonly fates: readonly MessageFate[];
  /** Segments whose files were removed. */
  readonly removedSegments: readonly number[];
};
