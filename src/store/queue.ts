/** Mail on its way out. */
import type { BlobId, Delivery } from "./mail.ts";

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
