import type { QueueEntry, QueueRecipient } from "../store/store.ts";

/**
 * Which recipients this process is busy with. A lease covers an entry, and it ends when the first of its destinations is
 * settled; the store then hands the entry out again while the others are still under way.
 */
export class Claims {
  /** `id index` */
  readonly #busy = new Set<string>();

  /** Takes the recipients who are due and not taken already. */
  take(entry: QueueEntry, now_ms: number): readonly QueueRecipient[] {
    const due = entry.recipients.filter(
      ({ index, state, nextAttempt_ms }) =>
        state === "pending" && nextAttempt_ms <= now_ms && !this.#busy.has(`${entry.id} ${index}`),
    );
    for (const { index } of due) this.#busy.add(`${entry.id} ${index}`);
    return due;
  }

  giveBack({ id }: QueueEntry, recipients: readonly QueueRecipient[]): void {
    for (const { index } of recipients) this.#busy.delete(`${id} ${index}`);
  }
}
