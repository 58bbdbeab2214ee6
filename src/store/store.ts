import type { AccountId, MailboxId } from "../base/mail-ids.ts";
import type { ModSeq, Uid, UidValidity } from "../base/mail-ids.ts";
import type { Outline } from "../message/outline.ts";
import type { TableReads, TableWrites } from "./access-tables.ts";
import type { MessageFate } from "./fate.ts";
import type { JournalEntry, JournalReads, JournalWrites } from "./journal-entries.ts";
import type { ReportReads, ReportWrites } from "./report-counts.ts";
import type { RetentionReads, RetentionWrites } from "./retention.ts";

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

// ---- directory: domains, accounts, addresses, credentials ------------------------------------------

export type AccountRow = {
  readonly id: AccountId;
  /** Login name, an address, lower case: `you@example.org`. Without @: an account of the server itself, with no address. */
  readonly login: string;
  readonly displayName: string;
  /** Octets; 0: no limit. */
  readonly quota_octets: number;
  /** Octets of all messages in all mailboxes, kept as a counter. */
  readonly used_octets: number;
  readonly disabled: boolean;
  readonly administrator: boolean;
  /** Its own password opens no mail protocol; app passwords do. */
  readonly appPasswordsOnly: boolean;
  /** Nothing of it expires, and it cannot be removed. */
  readonly legalHold: boolean;
  /** Salt shared by this account's SCRAM verifiers. */
  readonly scramSalt: Uint8Array;
  readonly created_ms: number;
};

/** What a delivery asks of an account. */
export type RecipientRow = Pick<AccountRow, "login" | "quota_octets" | "disabled">;

/** What an address means. Local parts are stored lower case; `*` is the catch-all of its domain. */
export type AddressRow = {
  readonly localPart: string;
  readonly domain: string;
  readonly target:
    | { readonly kind: "account"; readonly account: AccountId }
    /** Addresses, local or remote, each delivered to. */
    | { readonly kind: "alias"; readonly members: readonly string[] };
};

export type CredentialRow = {
  readonly id: number;
  readonly account: AccountId;
  /** `password`: argon2id PHC string, at most one per account. `app`: hash of a random secret, with SCRAM keys. */
  readonly kind: "password" | "app";
  readonly name: string;
  /** PHC string (`$argon2id$…` or `$sha256$salt$hash`). */
  readonly hash: string;
  readonly scram?: {
    readonly iterations: number;
    readonly storedKey: Uint8Array;
    readonly serverKey: Uint8Array;
  };
  /** Protocols it works for; empty: all. */
  readonly scopes: readonly string[];
  readonly created_ms: number;
  readonly lastUsed_ms?: number;
};

/** A key that signs for a domain (RFC 6376 §3.1). Never logged; leaves the store only to sign or to be exported. */
export type SigningKeyRow = {
  readonly domain: string;
  readonly selector: string;
  readonly algorithm: "rsa-sha256" | "ed25519-sha256";
  /** PKCS#8 PEM. */
  readonly privateKey: string;
  readonly created_ms: number;
  /** Signs from here on; before, it is only published. */
  readonly active_ms: number;
  /** Stops signing; stays published until removed. */
  readonly retired_ms?: number;
};

/** `hasDomain`, `address` and `recipient` see what another process has changed within 50 ms, the rest sees the last commit. */
export interface DirectoryReads {
  domains(): Promise<readonly string[]>;
  hasDomain(domain: string): Promise<boolean>;
  /** Of people; an account of the server itself is found by its id or login alone. */
  accounts(): Promise<readonly AccountRow[]>;
  account(id: AccountId): Promise<AccountRow | undefined>;
  recipient(id: AccountId): Promise<RecipientRow | undefined>;
  accountByLogin(login: string): Promise<AccountRow | undefined>;
  /** Exact match only; subaddresses and catch-all are the caller's judgement. */
  address(localPart: string, domain: string): Promise<AddressRow | undefined>;
  addresses(filter?: {
    readonly domain?: string;
    readonly account?: AccountId;
  }): Promise<readonly AddressRow[]>;
  credentials(account: AccountId): Promise<readonly CredentialRow[]>;
  /** True while some enabled account has only a credential without SCRAM keys. */
  hasAccountWithoutScram(): Promise<boolean>;
  /** Server-wide values that must survive a restart: keys made at first start, dates. */
  setting(name: string): Promise<string | undefined>;
  /** All keys, or those of one domain; oldest first within a domain. */
  signingKeys(domain?: string): Promise<readonly SigningKeyRow[]>;
}

export type DirectoryRefusal = "exists" | "no-domain" | "no-account" | "no-address" | "in-use" | "on-hold";
export type DirectoryResult<T = void> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly error: DirectoryRefusal };

export interface DirectoryWrites {
  addDomain(domain: string): Promise<DirectoryResult>;
  /** Refuses `in-use` while addresses or accounts of the domain exist. Its signing keys go with it. */
  removeDomain(domain: string): Promise<DirectoryResult>;
  /** Makes the account, its own address, and the mailboxes named, all in one commit. */
  addAccount(account: NewAccount): Promise<DirectoryResult<AccountId>>;
  /** Removes the account with its mail, addresses and credentials; refuses `on-hold` under legal hold. */
  removeAccount(id: AccountId): Promise<DirectoryResult>;
  changeAccount(id: AccountId, change: AccountChange): Promise<DirectoryResult>;
  /** Adds or replaces. */
  putAddress(address: AddressRow): Promise<DirectoryResult>;
  removeAddress(localPart: string, domain: string): Promise<DirectoryResult>;
  /** A second `password` replaces the first. */
  putCredential(credential: Omit<CredentialRow, "id">): Promise<DirectoryResult<number>>;
  removeCredential(account: AccountId, id: number): Promise<DirectoryResult>;
  credentialUsed(id: number, at_ms: number): Promise<void>;
  putSetting(name: string, value: string): Promise<void>;
  /** Adds or replaces the key of this domain and selector. */
  putSigningKey(key: SigningKeyRow): Promise<DirectoryResult>;
  /** False when there was none. */
  removeSigningKey(domain: string, selector: string): Promise<boolean>;
}

export type NewAccount = Pick<
  AccountRow,
  "login" | "displayName" | "quota_octets" | "administrator" | "scramSalt"
> & {
  readonly created_ms: number;
  readonly mailboxes: readonly {
    readonly name: string;
    readonly specialUse?: SpecialUse;
    readonly keepDays?: number;
  }[];
};
export type AccountChange = Partial<
  Pick<
    AccountRow,
    "displayName" | "quota_octets" | "disabled" | "administrator" | "appPasswordsOnly" | "legalHold"
  >
>;

// ---- mail ------------------------------------------------------------------------------------------

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

/** A message's content address: SHA-256 of its octets, 64 hexadecimal digits. */
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
  /** The lowest uid without \Seen. */
  firstUnseen(mailbox: MailboxId): Promise<Uid | undefined>;
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

// ---- queue -----------------------------------------------------------------------------------------

/** Only over TLS with a proven server (REQUIRETLS). RFC 8689 */
export type TlsDemand = "required";

export type NewQueueEntry = {
  /** The queue id the client was told. */
  readonly id: string;
  /** Envelope sender as on the wire, empty: null sender. */
  readonly from: string;
  readonly smtpUtf8: boolean;
  readonly body: "7BIT" | "8BITMIME" | "BINARYMIME";
  readonly ret?: "FULL" | "HDRS";
  readonly envid?: string;
  readonly created_ms: number;
  /** What the sender demands of TLS. */
  readonly tls?: TlsDemand;
  /** Login of the submitter, for limits and the log. */
  readonly submitter?: string;
  readonly recipients: readonly NewQueueRecipient[];
};
export type NewQueueRecipient = {
  readonly address: string;
  readonly notify?: readonly ("NEVER" | "SUCCESS" | "FAILURE" | "DELAY")[];
  readonly orcpt?: { readonly type: string; readonly address: string };
};

export type QueueRecipient = NewQueueRecipient & {
  readonly index: number;
  readonly state: "pending" | "delivered" | "failed";
  /** Tries so far. */
  readonly attempts: number;
  readonly nextAttempt_ms: number;
  /** What the last try said, for DSN, CLI and log: `450 4.2.0 mx.example.org said …`. */
  readonly lastReply?: string;
  readonly lastHost?: string;
  readonly delayNoticeSent: boolean;
};
export type QueueEntry = Omit<NewQueueEntry, "recipients"> & {
  readonly blob: BlobId;
  readonly size_octets: number;
  readonly held: boolean;
  readonly recipients: readonly QueueRecipient[];
};

export interface QueueReads {
  queued(): Promise<readonly QueueEntry[]>;
  queueEntry(id: string): Promise<QueueEntry | undefined>;
  queueLength(): Promise<number>;
}

/** The end of one try, per recipient; a recipient not named stays as it was. */
export type RecipientResult = {
  readonly index: number;
  readonly state: "pending" | "delivered" | "failed";
  readonly nextAttempt_ms: number;
  readonly lastReply: string;
  readonly lastHost?: string;
  readonly delayNoticeSent?: boolean;
};

export interface QueueWrites {
  /** Entries with a pending recipient due at `now_ms`, not held and not leased; oldest due first. Leased until `until_ms`: a crash frees them. */
  lease(now_ms: number, until_ms: number, limit: number): Promise<readonly QueueEntry[]>;
  /**
   * Records results, ends the lease, removes the entry once no recipient is pending; in the same commit
   * delivers or enqueues the notices this try made (DSNs).
   */
  settle(id: string, results: readonly RecipientResult[], notices: readonly Delivery[]): Promise<void>;
  /** Operator: everything due now. Returns how many entries. */
  flush(id?: string): Promise<number>;
  hold(id: string, held: boolean): Promise<boolean>;
  /** Operator: forget an entry without a notice. */
  drop(id: string): Promise<boolean>;
  /** Frees leases a killed process left behind; called once at start. */
  releaseLeases(): Promise<void>;
}
