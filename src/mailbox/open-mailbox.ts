import type { AccountId, ModSeq, Uid } from "../base/mail-ids.ts";
import { ok, type Result } from "../base/result.ts";
import type {
  CopyResult,
  Delta,
  FetchedMessage,
  ImapRefusal,
  MailboxStatus,
  MessageFlags,
  OpenMailbox,
} from "../imap/backend.ts";
import type { SearchKey } from "../imap/search-key.ts";
import type { CopiedUids, Flags, MailReads, MailResult, MailboxRow } from "../store/store.ts";
import { fetchedMessage } from "./fetched-message.ts";
import { hasOversizedKeyword, toFlagList, toStored } from "./flags.ts";
import { canonicalName } from "./mailbox-name.ts";
import { lowerBound } from "./recent-marks.ts";
import { keywordTooLong, readOnlyRefusal, refused, refusedTarget } from "./refusals.ts";
import { search } from "./search.ts";
import { statusOf } from "./status.ts";
import type { MailboxTools } from "./tools.ts";

type FlagChange = Parameters<OpenMailbox["storeFlags"]>[1];

/** Opens a mailbox: a list of uids and a modseq that belong together, though they are read one after the other. */
export async function openMailbox(
  tools: MailboxTools,
  row: MailboxRow,
  readOnly: boolean,
): Promise<OpenMailbox> {
  const { mail } = tools.store;
  const seen = await mail.uids(row.id);
  const since = await mail.delta(row.id, row.highestModSeq);
  // What came after the row is in the delta, unless it has gone again.
  const uids = withDelta(seen.subarray(0, lowerBound(seen, row.uidNext)), since);
  const uidNext = Math.max(row.uidNext, (uids.at(-1) ?? 0) + 1) as Uid;
  const current = { ...row, uidNext, highestModSeq: since.modSeq, messages: uids.length };
  const { keywords, firstUnseen } = await tools.summaries.of(current, uids);
  const firstRecent = await tools.recent.first(row.id, uids, uidNext);
  if (!readOnly) tools.recent.told(row.id, uidNext);
  return new SelectedMailbox(tools, row, {
    readOnly,
    status: statusOf(current),
    uids,
    firstRecent,
    firstUnseen,
    keywords: keywords.slice(0, tools.limits.keywordsListed),
  });
}

/** The uids after a delta that began before they were read. */
function withDelta(
  uids: Uint32Array,
  { appeared, vanished }: Awaited<ReturnType<MailReads["delta"]>>,
): Uint32Array {
  if (appeared.length === 0 && vanished.length === 0) return uids;
  const all = new Set<number>(uids);
  for (const { uid } of appeared) all.add(uid);
  for (const uid of vanished) all.delete(uid);
  return Uint32Array.from(all).sort();
}

type View = Pick<OpenMailbox, "readOnly" | "status" | "uids" | "firstRecent" | "firstUnseen" | "keywords">;

class SelectedMailbox implements OpenMailbox {
  readonly readOnly: boolean;
  readonly status: MailboxStatus;
  readonly uids: Uint32Array;
  readonly firstRecent: Uid;
  readonly firstUnseen: Uid | undefined;
  readonly keywords: readonly string[];
  readonly #tools: MailboxTools;
  readonly #row: MailboxRow;
  /** Uids that came after opening, for the day the mailbox is deleted under us. */
  readonly #later: Uid[] = [];
  #told: ModSeq;
  #stopWatching: (() => void)[] = [];

  constructor(tools: MailboxTools, row: MailboxRow, view: View) {
    this.#tools = tools;
    this.#row = row;
    this.readOnly = view.readOnly;
    this.status = view.status;
    this.uids = view.uids;
    this.firstRecent = view.firstRecent;
    this.firstUnseen = view.firstUnseen;
    this.keywords = view.keywords;
    this.#told = view.status.highestModSeq;
  }

  get #mail(): MailboxTools["store"]["mail"] {
    return this.#tools.store.mail;
  }

  get #account(): AccountId {
    return this.#row.account;
  }

  async delta(since: ModSeq): Promise<Delta> {
    const row = await this.#mail.mailbox(this.#row.id);
    if (row === undefined) return this.#gone(since);
    if (row.highestModSeq <= since) return { modSeq: since, appeared: [], changed: [], vanished: [] };
    const { modSeq, appeared, changed, vanished } = await this.#mail.delta(this.#row.id, since);
    this.#noteAppeared(appeared);
    this.#told = Math.max(this.#told, modSeq) as ModSeq;
    return { modSeq, appeared: appeared.map(withNames), changed: changed.map(withNames), vanished };
  }

  watch(listener: () => void): () => void {
    const stop = this.#tools.changes.watch(this.#row.id, this.#told, listener);
    this.#stopWatching.push(stop);
    return () => {
      this.#stopWatching = this.#stopWatching.filter((other) => other !== stop);
      stop();
    };
  }

  async *messages(uids: Uint32Array): AsyncIterable<FetchedMessage> {
    for await (const batch of this.#mail.messages(this.#row.id, uids)) {
      for (const row of batch) yield fetchedMessage(this.#mail, row);
    }
  }

  async *flags(uids: Uint32Array): AsyncIterable<readonly MessageFlags[]> {
    for await (const batch of this.#mail.flags(this.#row.id, uids)) yield batch.map(withNames);
  }

  async storeFlags(
    uids: Uint32Array,
    { action, flags, unchangedSince }: FlagChange,
  ): Promise<
    Result<{ readonly stored: readonly MessageFlags[]; readonly modified: readonly Uid[] }, ImapRefusal>
  > {
    if (this.readOnly) return readOnlyRefusal;
    if (hasOversizedKeyword(flags)) return keywordTooLong;
    const stored = await this.#mail.storeFlags(this.#row.id, uids, {
      action,
      flags: toStored(flags),
      ...(unchangedSince === undefined ? {} : { unchangedSince }),
    });
    if (!stored.ok) return refused(stored.error);
    return ok({ stored: stored.value.stored.map(withNames), modified: stored.value.modified });
  }

  async expunge(uids?: Uint32Array): Promise<Result<readonly Uid[], ImapRefusal>> {
    if (this.readOnly) return readOnlyRefusal;
    const expunged = await this.#mail.expunge(this.#row.id, uids);
    return expunged.ok ? ok(expunged.value) : refused(expunged.error);
  }

  async copy(uids: Uint32Array, target: string): Promise<Result<CopyResult, ImapRefusal>> {
    const to = await this.#mail.mailboxByName(this.#account, canonicalName(target));
    if (to === undefined) return refusedTarget("no-mailbox");
    return copied(await this.#mail.copy(this.#row.id, uids, to.id));
  }

  async move(uids: Uint32Array, target: string): Promise<Result<CopyResult, ImapRefusal>> {
    if (this.readOnly) return readOnlyRefusal;
    const to = await this.#mail.mailboxByName(this.#account, canonicalName(target));
    if (to === undefined) return refusedTarget("no-mailbox");
    return copied(await this.#mail.move(this.#row.id, uids, to.id));
  }

  search(key: SearchKey, view: Uint32Array): Promise<Result<Uint32Array, ImapRefusal>> {
    return search(this.#tools, this.#row.id, key, view);
  }

  close(): void {
    for (const stop of this.#stopWatching.splice(0)) stop();
  }

  #noteAppeared(appeared: readonly { readonly uid: Uid }[]): void {
    for (const { uid } of appeared) {
      this.#later.push(uid);
      if (!this.readOnly) this.#tools.recent.told(this.#row.id, (uid + 1) as Uid);
    }
  }

  /** Another session deleted the mailbox: to this one all its messages are gone. RFC 2180 §3.3 */
  #gone(since: ModSeq): Delta {
    const vanished = [...this.uids, ...this.#later] as Uid[];
    return { modSeq: since, appeared: [], changed: [], vanished };
  }
}

const withNames = ({ uid, flags, modSeq }: { uid: Uid; flags: Flags; modSeq: ModSeq }): MessageFlags => ({
  uid,
  flags: toFlagList(flags),
  modSeq,
});

const copied = (result: MailResult<CopiedUids>): Result<CopyResult, ImapRefusal> =>
  result.ok ? ok(result.value) : refusedTarget(result.error);
