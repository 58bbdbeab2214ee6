import { asciiLower } from "../base/ascii.ts";
import type { MailboxId, ModSeq, Uid } from "../base/mail-ids.ts";
import { SystemFlag, type Flags, type MailReads, type MailboxRow } from "../store/store.ts";

/** What is remembered of a mailbox between sessions. */
type Summary = {
  modSeq: ModSeq;
  /** Keywords seen so far, by their lower case; those of removed messages stay. */
  readonly keywords: Map<string, string>;
  /** Every message with a smaller uid has \Seen. */
  seenBelow: number;
};
type Flagged = { readonly uid: Uid; readonly flags: Flags };

/**
 * Keywords in use and the first message without \Seen. The first session to open a mailbox pays for one pass over its
 * flags; later ones only for what has changed since.
 */
export class MailboxSummaries {
  readonly #mail: MailReads;
  readonly #max: number;
  /** In order of use, oldest first. */
  readonly #summaries = new Map<MailboxId, Summary>();

  constructor(mail: MailReads, max: number) {
    this.#mail = mail;
    this.#max = max;
  }

  async of(
    mailbox: MailboxRow,
    uids: Uint32Array,
  ): Promise<{ readonly keywords: readonly string[]; readonly firstUnseen: Uid | undefined }> {
    const summary = await this.#current(mailbox.id, uids);
    this.#remember(mailbox.id, summary);
    const firstUnseen = mailbox.unseen === 0 ? undefined : await this.#firstUnseen(mailbox.id, uids, summary);
    return { keywords: [...summary.keywords.values()].sort(), firstUnseen };
  }

  async #current(mailbox: MailboxId, uids: Uint32Array): Promise<Summary> {
    const known = this.#summaries.get(mailbox);
    if (known !== undefined) {
      const delta = await this.#mail.delta(mailbox, known.modSeq);
      take(known, [...delta.appeared, ...delta.changed]);
      known.modSeq = delta.modSeq;
      return known;
    }
    const modSeq = (await this.#mail.mailbox(mailbox))?.highestModSeq ?? (0 as ModSeq);
    const fresh: Summary = { modSeq, keywords: new Map(), seenBelow: Number.MAX_SAFE_INTEGER };
    for await (const batch of this.#mail.flags(mailbox, uids)) take(fresh, batch);
    return fresh;
  }

  /** Flags may go away again before `seenBelow` is reached, so it is looked up, and remembered for the next time. */
  async #firstUnseen(mailbox: MailboxId, uids: Uint32Array, summary: Summary): Promise<Uid | undefined> {
    const rest = uids.subarray(uids.findIndex((uid) => uid >= summary.seenBelow));
    if (uids.length === 0 || (uids.at(-1) ?? 0) < summary.seenBelow) return undefined;
    for await (const batch of this.#mail.flags(mailbox, rest)) {
      const unseen = batch.find(isUnseen);
      if (unseen === undefined) continue;
      summary.seenBelow = unseen.uid;
      return unseen.uid;
    }
    return undefined;
  }

  #remember(mailbox: MailboxId, summary: Summary): void {
    this.#summaries.delete(mailbox);
    this.#summaries.set(mailbox, summary);
    const [oldest] = this.#summaries.keys();
    if (this.#summaries.size > this.#max && oldest !== undefined) this.#summaries.delete(oldest);
  }
}

const isUnseen = ({ flags }: Flagged): boolean => (flags.system & SystemFlag.seen) === 0;

function take(summary: Summary, messages: readonly Flagged[]): void {
  for (const message of messages) {
    if (message.uid < summary.seenBelow && isUnseen(message)) summary.seenBelow = message.uid;
    for (const keyword of message.flags.keywords) {
      if (!summary.keywords.has(asciiLower(keyword))) summary.keywords.set(asciiLower(keyword), keyword);
    }
  }
}
