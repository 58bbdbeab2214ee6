import type { IpAddress } from "../base/ip.ts";
import type { ModSeq, Uid, UidValidity } from "../base/mail-ids.ts";
import type { Result } from "../base/result.ts";
import type { Outline } from "../message/outline.ts";
import type { Authenticator, Identity, Mechanism } from "../sasl/exchange.ts";
import type { SearchKey } from "./search-key.ts";

/** What IMAP asks of the server, grouped by session state (DESIGN §3, contract 1). */
export interface ImapBackend {
  readonly hostName: string;
  /** Largest message for APPEND, octets; announced as APPENDLIMIT (RFC 7889). */
  readonly appendSizeMax: number;
  /** A text refuses the connection with BYE (too many connections). */
  connect(session: ImapSessionFacts): Promise<string | undefined>;
  disconnected(session: ImapSessionFacts): void;
  // not authenticated
  mechanisms(session: ImapSessionFacts): readonly Mechanism[];
  authenticator(session: ImapSessionFacts): Authenticator;
  // authenticated
  account(identity: Identity): Promise<ImapAccount>;
}

export type ImapSessionFacts = {
  readonly id: string;
  readonly remote: { readonly address: IpAddress; readonly port: number };
  readonly local: { readonly address: string; readonly port: number };
  readonly tls?: { readonly protocol: string; readonly cipher: string; readonly serverName?: string };
  readonly identity?: Identity;
};

/** A refusal becomes `NO [CODE] text`; codes of RFC 9051 §7.1 and RFC 5530. */
export type ImapRefusal = {
  readonly code:
    | "NONEXISTENT"
    | "ALREADYEXISTS"
    | "CANNOT"
    | "OVERQUOTA"
    | "TRYCREATE"
    | "HASCHILDREN"
    | "INUSE"
    | "LIMIT"
    | "TOOBIG"
    | "NOPERM"
    | "UNAVAILABLE"
    | "SERVERBUG"
    | "EXPUNGEISSUED"
    | "UNKNOWN-CTE";
  readonly text: string;
};

/** Flags as IMAP writes them: `\Seen`, `$Forwarded`, `keyword`. Never `\Recent`. */
export type FlagList = readonly string[];

export type MailboxListing = {
  /** UTF-8, `/` between levels, `INBOX` in capitals. */
  readonly name: string;
  /** False: only a subscription or a parent of existing mailboxes. */
  readonly exists: boolean;
  readonly subscribed: boolean;
  readonly specialUse?: string;
};

export type MailboxStatus = {
  readonly messages: number;
  readonly unseen: number;
  readonly deleted: number;
  readonly size_octets: number;
  readonly uidNext: Uid;
  readonly uidValidity: UidValidity;
  readonly highestModSeq: ModSeq;
  /** RFC 8474 */
  readonly mailboxId: string;
};

export interface ImapAccount {
  list(): Promise<readonly MailboxListing[]>;
  status(name: string): Promise<Result<MailboxStatus, ImapRefusal>>;
  create(name: string, specialUse?: string): Promise<Result<{ readonly mailboxId: string }, ImapRefusal>>;
  delete(name: string): Promise<Result<void, ImapRefusal>>;
  rename(from: string, to: string): Promise<Result<void, ImapRefusal>>;
  subscribe(name: string, subscribed: boolean): Promise<Result<void, ImapRefusal>>;
  /** All messages or none. */
  append(
    name: string,
    messages: readonly AppendMessage[],
  ): Promise<Result<{ readonly uidValidity: UidValidity; readonly uids: readonly Uid[] }, ImapRefusal>>;
  open(name: string, readOnly: boolean): Promise<Result<OpenMailbox, ImapRefusal>>;
  quota(): Promise<{ readonly used_octets: number; readonly limit_octets: number }>;
}

export type AppendMessage = {
  readonly octets: Uint8Array;
  readonly flags: FlagList;
  readonly internalDate_ms?: number;
};

export type MessageFlags = { readonly uid: Uid; readonly flags: FlagList; readonly modSeq: ModSeq };

/** Changes after a modseq; uids ascend. */
export type Delta = {
  readonly modSeq: ModSeq;
  readonly appeared: readonly MessageFlags[];
  readonly changed: readonly MessageFlags[];
  readonly vanished: readonly Uid[];
};

/** A message as FETCH needs it. Octets are read only when asked for, whole or in part. */
export interface FetchedMessage extends MessageFlags {
  readonly internalDate_ms: number;
  readonly saved_ms: number;
  readonly size_octets: number;
  readonly emailId: string;
  readonly threadId: string;
  outline(): Promise<Outline>;
  octets(start?: number, end?: number): Promise<Buffer>;
}

/** A selected mailbox. The view (which sequence number is which uid) is the session's, see `tracker.ts`. */
export interface OpenMailbox {
  readonly readOnly: boolean;
  readonly status: MailboxStatus;
  /** Uids at the moment of opening, ascending; consistent with `status.highestModSeq`. */
  readonly uids: Uint32Array;
  /** First uid this session is the first to see (for \Recent in IMAP4rev1); uidNext when none. */
  readonly firstRecent: Uid;
  /** First message without \Seen, for UNSEEN; undefined when none. */
  readonly firstUnseen: Uid | undefined;
  readonly keywords: readonly string[];
  delta(since: ModSeq): Promise<Delta>;
  /** Calls back when something may have changed, at any time; the session then asks for a delta. */
  watch(listener: () => void): () => void;
  /** Existing messages among `uids`, ascending. */
  messages(uids: Uint32Array): AsyncIterable<FetchedMessage>;
  /** Flags and modseqs only: the cheap form for FETCH FLAGS. */
  flags(uids: Uint32Array): AsyncIterable<readonly MessageFlags[]>;
  storeFlags(
    uids: Uint32Array,
    change: {
      readonly action: "add" | "remove" | "replace";
      readonly flags: FlagList;
      readonly unchangedSince?: ModSeq;
    },
  ): Promise<
    Result<{ readonly stored: readonly MessageFlags[]; readonly modified: readonly Uid[] }, ImapRefusal>
  >;
  /** Of `uids` only, where given: only those with \Deleted. */
  expunge(uids?: Uint32Array): Promise<Result<readonly Uid[], ImapRefusal>>;
  copy(uids: Uint32Array, target: string): Promise<Result<CopyResult, ImapRefusal>>;
  move(uids: Uint32Array, target: string): Promise<Result<CopyResult, ImapRefusal>>;
  /** Matching uids among `view` (the uids the session sees), ascending. Sequence sets in the key are already uids. */
  search(key: SearchKey, view: Uint32Array): Promise<Result<Uint32Array, ImapRefusal>>;
  close(): void;
}

export type CopyResult = {
  readonly uidValidity: UidValidity;
  readonly source: readonly Uid[];
  readonly target: readonly Uid[];
};
