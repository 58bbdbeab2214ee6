import type { MailboxId, Uid } from "../base/mail-ids.ts";
import type { MailReads } from "../store/store.ts";

/**
 * Where \Recent begins in each mailbox, for IMAP4rev1: the first uid no read-write session has been told of.
 * Kept in memory only. After a restart it begins at the messages that came since the start: an approximation RFC 3501
 * §2.3.2 allows, and IMAP4rev2 has no \Recent at all.
 */
export class RecentMarks {
  readonly #mail: MailReads;
  readonly #start_ms: number;
  readonly #marks = new Map<MailboxId, Uid>();

  constructor(mail: MailReads, start_ms: number) {
    this.#mail = mail;
    this.#start_ms = start_ms;
  }

  /** First recent uid among `uids`, or `uidNext` where none is. */
  async first(mailbox: MailboxId, uids: Uint32Array, uidNext: Uid): Promise<Uid> {
    const mark = this.#marks.get(mailbox) ?? (await this.#sinceStart(mailbox, uids, uidNext));
    this.#marks.set(mailbox, mark);
    const first = uids[lowerBound(uids, mark)];
    return (first ?? uidNext) as Uid;
  }

  /** A read-write session has been told of every message below `uid`. */
  told(mailbox: MailboxId, uid: Uid): void {
    if (uid > (this.#marks.get(mailbox) ?? 0)) this.#marks.set(mailbox, uid);
  }

  /** Uids ascend with the time of arrival, so twenty rows answer for a million messages. */
  async #sinceStart(mailbox: MailboxId, uids: Uint32Array, uidNext: Uid): Promise<Uid> {
    let low = 0;
    let high = uids.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((await this.#savedAt(mailbox, uids[middle] ?? 0)) >= this.#start_ms) high = middle;
      else low = middle + 1;
    }
    return (uids[low] ?? uidNext) as Uid;
  }

  /** A message that has gone meanwhile counts as old. */
  async #savedAt(mailbox: MailboxId, uid: number): Promise<number> {
    for await (const [row] of this.#mail.messages(mailbox, Uint32Array.of(uid))) return row?.saved_ms ?? 0;
    return 0;
  }
}

/** Index of the first uid not below `uid`. */
export function lowerBound(uids: Uint32Array, uid: number): number {
  let low = 0;
  let high = uids.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((uids[middle] ?? 0) < uid) low = middle + 1;
    else high = middle;
  }
  return low;
}
