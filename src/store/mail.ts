/** Mailboxes, messages, flags. */
import type { AccountId, MailboxId, ModSeq, Uid, UidValidity } from "../base/mail-ids.ts";
import type { Outline } from "../message/outline.ts";
import type { JournalEntry } from "./journal-entries.ts";
import type { NewQueueEntry } from "./queue.ts";

/** RFC 6154 */
export type SpecialUse =
  | "\\Sent"
  | "\\Drafts"
  | "\\Junk"
  | "\\Trash"
  | "\\Archive"
  | "\\Flagged"
  | "\\All"
  | "\\Important";

export type MailboxRow = {
  readonly id: MailboxId;
  readonly account: AccountId;
  /** UTF-8, NFC, levels separated by `/`; `INBOX` in capitals. */
  readonly name: string;
  readonly specialUse?: SpecialUse;
  readonly subscribed: boolean;
  /** Days a message stays; 0: for ever. */
  readonly keepDays: number;
  readonly uidValidity: UidValidity;
  /** The uid the next message gets. */
  readonly uidNext: Uid;
  readonly highestModSeq: ModSeq;
  // counters, kept and never counted
  readonly messages: number;
  readonly unseen: number;
  readonly deleted: number;
  readonly size_octets: number;
};

/** System flags as bits, keywords as words. */
export type Flags = {
  /** Bits of `SystemFlag`. */
  readonly system: number;
  /** As first written, compared without case, sorted, no duplicates; at most 64. */
  readonly keywords: readonly string[];
};
export const SystemFlag = { seen: 1, answered: 2, flagged: 4, deleted: 8, draft: 16 } as const;
export const NO_FLAGS: Flags = { system: 0, keywords: [] };

/** Names the octets of a message in this store. Copies share it; it never comes to mean other octets. */
export type BlobId = string;

export type MessageRow = {
  readonly uid: Uid;
  readonly modSeq: ModSeq;
  readonly flags: Flags;
  /** INTERNALDATE, milliseconds since 1970. */
  readonly internalDate_ms: number;
  readonly size_octets: number;
  readonly blob: BlobId;
  /** Stays when the message is copied or moved, across mailboxes of the account. RFC 8474 */
  readonly emailId: string;
  readonly threadId: string;
  /** When it came to this mailbox. RFC 8514 */
  readonly saved_ms: number;
};

/** What changed in a mailbox after a modseq, for views that follow. Uids ascend. */
export type MailboxDelta = {
  readonly modSeq: ModSeq;
  readonly appeared: readonly { readonly uid: Uid; readonly flags: Flags; readonly modSeq: ModSeq }[];
  readonly changed: readonly { readonly uid: Uid; readonly flags: Flags; readonly modSeq: ModSeq }[];
  readonly vanished: readonly Uid[];
};

export interface MailReads {
  mailboxes(account: AccountId): Promise<readonly MailboxRow[]>;
  mailbox(id: MailboxId): Promise<MailboxRow | undefined>;
  mailboxByName(account: AccountId, name: string): Promise<MailboxRow | undefined>;
  /** Subscribed names, also of mailboxes that no longer exist. */
  subscriptions(account: AccountId): Promise<readonly string[]>;
  /** Keywords ever used in the mailbox, in their first spelling, sorted; at most 1000. */
  keywords(mailbox: MailboxId): Promise<readonly string[]>;
  /** All uids, ascending. A million take well under a second and 4 MB. */
  uids(mailbox: MailboxId): Promise<Uint32Array>;
  /** Rows for the uids that still exist, ascending; in batches so that the loop stays free. */
  messages(mailbox: MailboxId, uids: Uint32Array): AsyncIterable<readonly MessageRow[]>;
  /** Flags only: the cheap form of `messages`. */
  flags(
    mailbox: MailboxId,
    uids: Uint32Array,
  ): AsyncIterable<readonly { uid: Uid; flags: Flags; modSeq: ModSeq }[]>;
  delta(mailbox: MailboxId, since: ModSeq): Promise<MailboxDelta>;
  /** SHA-256 of the octets, as told when they came: 64 hexadecimal digits. */
  hash(blob: BlobId): Promise<string | undefined>;
  outline(blob: BlobId): Promise<Outline | undefined>;
  /** Octets `start` to `end` (default: all). Undefined when the blob is gone. */
  octets(blob: BlobId, start?: number, end?: number): Promise<Buffer | undefined>;
}

/** A message on its way in: small ones in memory, large ones in a temporary file the store may take over. */
export type MessageSource =
  | { readonly kind: "octets"; readonly octets: Uint8Array }
  | { readonly kind: "file"; readonly path: string; readonly size: number };

/** One incoming message for all its local recipients and, where it goes on, the queue: one commit. */
export type Delivery = {
  readonly source: MessageSource;
  readonly outline: Outline;
  readonly received_ms: number;
  /** The key by which the journal finds the message; absent: nobody is told what becomes of it. */
  readonly origin?: string;
  readonly copies: readonly {
    readonly account: AccountId;
    /** Mailbox name; a missing one falls back to INBOX. */
    readonly mailbox: string;
    readonly flags: Flags;
  }[];
  readonly queue?: NewQueueEntry;
  /** The message as it goes on, where that bears what those who have a copy must not read. */
  readonly onward?: { readonly source: MessageSource; readonly outline: Outline };
  /**
   * Copies are stored even where they pass the quota of their account, unless one is past it already: then nothing is
   * stored nor queued, and every copy is `over-quota`.
   */
  readonly pastQuota?: true;
  /** Written in the same commit, unless quotas kept the message out. */
  readonly journal?: readonly JournalEntry[];
};
/** Per copy, in order. */
export type CopyOutcome =
  | { readonly kind: "stored"; readonly mailbox: MailboxId; readonly uid: Uid }
  | { readonly kind: "over-quota" }
  | { readonly kind: "no-account" };

export type NewMessage = {
  readonly source: MessageSource;
  readonly outline: Outline;
  readonly flags: Flags;
  readonly internalDate_ms: number;
};

export type MailRefusal =
  | "no-mailbox"
  | "exists"
  | "over-quota"
  | "has-children"
  | "is-inbox"
  | "keyword-limit"
  | "mailbox-limit";
export type MailResult<T = void> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly error: MailRefusal };

export type CopiedUids = {
  readonly uidValidity: UidValidity;
  /** Same length, same order. */
  readonly source: readonly Uid[];
  readonly target: readonly Uid[];
};

export type FlagChange = {
  readonly action: "add" | "remove" | "replace";
  readonly flags: Flags;
  /** Messages changed after this modseq stay as they are and are reported. RFC 7162 §3.1.3 */
  readonly unchangedSince?: ModSeq;
};
export type FlagOutcome = {
  /** Every message touched, with its new flags (also where nothing differed). */
  readonly stored: readonly { readonly uid: Uid; readonly flags: Flags; readonly modSeq: ModSeq }[];
  readonly modified: readonly Uid[];
};

export interface MailWrites {
  /**
   * All copies and the queue entry in one commit. Copies over quota do not stop the others; keywords beyond the limits
   * are left out, since mail must arrive.
   */
  deliver(delivery: Delivery): Promise<readonly CopyOutcome[]>;
  /** All messages or none. RFC 3502 */
  append(
    mailbox: MailboxId,
    messages: readonly NewMessage[],
  ): Promise<MailResult<{ uidValidity: UidValidity; uids: readonly Uid[] }>>;
  copy(from: MailboxId, uids: Uint32Array, to: MailboxId): Promise<MailResult<CopiedUids>>;
  move(from: MailboxId, uids: Uint32Array, to: MailboxId): Promise<MailResult<CopiedUids>>;
  storeFlags(mailbox: MailboxId, uids: Uint32Array, change: FlagChange): Promise<MailResult<FlagOutcome>>;
  /** Removes messages that carry \Deleted; of `uids` only, where given. */
  expunge(mailbox: MailboxId, uids?: Uint32Array): Promise<MailResult<readonly Uid[]>>;
  /** Removes messages whatever their flags (POP3 QUIT). */
  remove(mailbox: MailboxId, uids: Uint32Array): Promise<MailResult<readonly Uid[]>>;
  /** Missing parents are made too. */
  createMailbox(account: AccountId, name: string, specialUse?: SpecialUse): Promise<MailResult<MailboxId>>;
  deleteMailbox(id: MailboxId): Promise<MailResult>;
  /** Children follow. Renaming INBOX moves its messages to a new mailbox. RFC 9051 §6.3.6 */
  renameMailbox(id: MailboxId, name: string): Promise<MailResult>;
  subscribe(account: AccountId, name: string, subscribed: boolean): Promise<void>;
}
