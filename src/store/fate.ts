/**
 * `read`: \Seen. `answered`: \Answered. `to-junk`, `from-junk`: moved or copied there or from there (to anywhere but
 * the trash), or `$Junk`, `$NotJunk`. `removed`: into the trash, or out of the account. `expired`: the server removed it
 * when its time in the mailbox was over.
 */
export type FateEvent = "read" | "answered" | "to-junk" | "from-junk" | "removed" | "expired";

/**
 * What became of a message that was delivered to somebody, mostly by his own hand: each event once per message and account, however often
 * flags change. It goes with the message when that is moved, and with the copy when it is copied.
 */
export type MessageFate = {
  /** `Delivery.origin` */
  readonly origin: string;
  readonly login: string;
  readonly event: FateEvent;
  readonly at_ms: number;
};
