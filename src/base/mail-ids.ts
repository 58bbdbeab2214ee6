/** Numbers that must not be mixed, each with a brand of its own (STYLE 4). */
declare const brand: unique symbol;
type Branded<Name extends string> = number & { readonly [brand]: Name };

/** Row id of an account; never shown to users. */
export type AccountId = Branded<"AccountId">;
/** Row id of a mailbox; survives renaming. */
export type MailboxId = Branded<"MailboxId">;
/** Unique identifier of a message in a mailbox, 1 to 2^32-1, never reused. RFC 9051 §2.3.1.1 */
export type Uid = Branded<"Uid">;
/** Position of a message in a session's view of a mailbox, from 1. RFC 9051 §2.3.1.2 */
export type SeqNum = Branded<"SeqNum">;
/** One counter per account that grows with every change; below 2^53. RFC 7162 §3.1 */
export type ModSeq = Branded<"ModSeq">;
/** Changes only when a mailbox's uids start anew, 1 to 2^32-1. RFC 9051 §2.3.1.1 */
export type UidValidity = Branded<"UidValidity">;
