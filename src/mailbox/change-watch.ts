import { setImmediate as nextTurn } from "node:timers/promises";
import type { Clock } from "../base/clock.ts";
import type { Log } from "../base/log.ts";
import type { MailboxId, ModSeq } from "../base/mail-ids.ts";
import type { MailboxChange, Store } from "../store/store.ts";
import { pollFailed } from "./events.ts";
import type { MailboxLimits } from "./limits.ts";

type Watched = { modSeq: ModSeq; readonly listeners: Set<() => void> };
type Options = {
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Log;
  readonly limits: Pick<MailboxLimits, "poll_ms" | "pollBatch">;
};

/**
 * Tells sessions that a mailbox may have changed: at once for this process's commits, by asking every few seconds for
 * those of another one (an import from the command line). Idle while nobody watches.
 */
export class ChangeWatch {
  readonly #options: Options;
  readonly #watched = new Map<MailboxId, Watched>();
  #stop: (() => void) | undefined;

  constructor(options: Options) {
    this.#options = options;
  }

  /** `known`: the modseq the caller has seen. Returns the way to stop. */
  watch(mailbox: MailboxId, known: ModSeq, listener: () => void): () => void {
    const watched = this.#watched.get(mailbox) ?? { modSeq: known, listeners: new Set() };
    if (watched.modSeq > known) queueMicrotask(() => watched.listeners.has(call) && call());
    const call = (): void => listener();
    watched.listeners.add(call);
    this.#watched.set(mailbox, watched);
    this.#stop ??= this.#start();
    return () => {
      watched.listeners.delete(call);
      if (watched.listeners.size === 0 && this.#watched.get(mailbox) === watched)
        this.#watched.delete(mailbox);
      if (this.#watched.size > 0) return;
      this.#stop?.();
      this.#stop = undefined;
    };
  }

  #start(): () => void {
    const over = new AbortController();
    const unsubscribe = this.#options.store.watch((change) => this.#changed(change));
    void this.#poll(over.signal);
    return () => {
      over.abort();
      unsubscribe();
    };
  }

  #changed({ mailbox, modSeq }: Pick<MailboxChange, "mailbox" | "modSeq">): void {
    const watched = this.#watched.get(mailbox);
    if (watched === undefined) return;
    watched.modSeq = modSeq;
    // A listener may watch anew: it is not called twice for one change.
    const listeners = [...watched.listeners];
    for (const listener of listeners) listener();
  }

  async #poll(over: AbortSignal): Promise<void> {
    const { clock, limits, log } = this.#options;
    while (!over.aborted) {
      try {
        await clock.sleep(limits.poll_ms, over);
        await this.#askAll(over);
      } catch (error) {
        if (!over.aborted) pollFailed(log, error);
      }
    }
  }

  async #askAll(over: AbortSignal): Promise<void> {
    let asked = 0;
    for (const [mailbox, watched] of this.#watched) {
      if (over.aborted) return;
      const row = await this.#options.store.mail.mailbox(mailbox);
      // A mailbox that has gone reports once: its highest possible modseq.
      const modSeq = row?.highestModSeq ?? (Number.MAX_SAFE_INTEGER as ModSeq);
      if (modSeq > watched.modSeq) this.#changed({ mailbox, modSeq });
      if (++asked % this.#options.limits.pollBatch === 0) await nextTurn();
    }
  }
}
