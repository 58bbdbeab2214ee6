import { createHash } from "node:crypto";
import type { AccountId, Uid } from "../base/mail-ids.ts";
import { OperatorError } from "../base/operator-error.ts";
import { scan } from "../message/mime.ts";
import type { MailboxRow, NewMessage, Store } from "../store/store.ts";
import type { FolderRecord, ImportRecord, Moved } from "./import-record.ts";
import { MOVING_LIMITS } from "./limits.ts";
import type { OpenedFolder, Skipped, Source, SourceEntry, SourceFolder, SourceMessage } from "./source.ts";

export type MoveIn = {
  readonly source: Source;
  readonly store: Store;
  readonly account: AccountId;
  readonly record: ImportRecord;
  readonly progress: (folder: string, done: number, total: number) => void;
  /** Stops after the batch under way. */
  readonly signal: AbortSignal;
};
/** What became of a folder; `verifyFolder` looks at it afterwards. */
export type MovedFolder = {
  readonly folder: SourceFolder;
  readonly mailbox: MailboxRow;
  readonly record: FolderRecord;
  readonly entries: readonly SourceEntry[];
  /** As the source has it. */
  readonly announcesSizes: boolean;
  /** Larger than we take. */
  readonly tooLarge: readonly SourceEntry[];
};
export type MovedIn = { readonly moved: readonly MovedFolder[]; readonly refused: readonly Skipped[] };

/**
 * All messages of the source that are not here yet, oldest first, a batch a commit. Run again it goes on where it
 * stopped, however it stopped, and takes no message twice.
 */
export async function moveIn(move: MoveIn): Promise<MovedIn> {
  const moved: MovedFolder[] = [];
  const refused: Skipped[] = [];
  for (const folder of move.source.folders) {
    if (move.signal.aborted) throw interrupted();
    const opened = await move.source.open(folder);
    if (opened.ok) moved.push(await moveFolder(move, folder, opened.value));
    else refused.push({ name: folder.id, why: opened.error });
  }
  return { moved, refused };
}

async function moveFolder(move: MoveIn, folder: SourceFolder, opened: OpenedFolder): Promise<MovedFolder> {
  const { source, store, account } = move;
  const mailbox = await mailboxFor(store, account, folder);
  const { record, doubtful } = await begin(move, folder, opened.validity, mailbox);
  const fits = ({ size_octets }: SourceEntry): boolean => size_octets <= MOVING_LIMITS.message_octets;
  const missing = opened.entries.filter((entry) => !record.moved.has(entry.key));
  const batches = batchesOf(missing.filter(fits));
  const total = opened.entries.length;
  let next = batches[0] && source.fetch(batches[0]);
  for (let i = 0; i < batches.length; i++) {
    const messages = (await next) ?? [];
    const following = batches[i + 1];
    next = following && !move.signal.aborted ? source.fetch(following) : undefined;
    // Should the store refuse, nobody waits for the next batch any more.
    next?.catch(() => {});
    await take(move, mailbox, record, doubtful, messages);
    move.progress(folder.target, record.moved.size, total);
    if (move.signal.aborted) throw interrupted();
  }
  const tooLarge = missing.filter((entry) => !fits(entry));
  return {
    folder,
    mailbox,
    record,
    entries: opened.entries,
    tooLarge,
    announcesSizes: source.announcesSizes,
  };
}

const interrupted = (): OperatorError =>
  new OperatorError(
    "interrupted",
    "Stopped as asked; what has come so far stays.",
    "Run the same command again: it goes on where it stopped.",
  );

type Begun = { readonly record: FolderRecord; readonly doubtful: Doubtful };
/** Messages here that no line tells of, by content and date: uids not yet given to a key. */
type Doubtful = Map<string, number[]>;

async function begin(
  { store, record }: MoveIn,
  { id }: SourceFolder,
  validity: string,
  mailbox: MailboxRow,
): Promise<Begun> {
  const known = record.folders.get(id);
  if (known?.mailbox === mailbox.id && known.validity === validity)
    return { record: known, doubtful: await untold(store, mailbox, record, known.firstUid) };
  const begun = record.begin(id, validity, mailbox.id, mailbox.uidNext);
  const first = begun.firstUid < mailbox.uidNext;
  return {
    record: begun,
    doubtful: first ? await untold(store, mailbox, record, begun.firstUid) : new Map(),
  };
}

/** What came into the mailbox since the import began and is in no line. */
async function untold(
  store: Store,
  mailbox: MailboxRow,
  record: ImportRecord,
  firstUid: number,
): Promise<Doubtful> {
  const told = new Set<number>();
  for (const folder of record.folders.values())
    if (folder.mailbox === mailbox.id) for (const { uid } of folder.moved.values()) told.add(uid);
  const uids = (await store.mail.uids(mailbox.id)).filter((uid) => uid >= firstUid && !told.has(uid));
  const found: Doubtful = new Map();
  for await (const rows of store.mail.messages(mailbox.id, uids))
    for (const { uid, blob, internalDate_ms } of rows) {
      const name = `${await store.mail.hash(blob)} ${internalDate_ms}`;
      found.set(name, [...(found.get(name) ?? []), uid]);
    }
  return found;
}

/** Few enough for one commit, small enough for memory. */
export function batchesOf(entries: readonly SourceEntry[]): readonly (readonly SourceEntry[])[] {
  const batches: SourceEntry[][] = [];
  let octets = 0;
  for (const entry of entries) {
    const last = batches.at(-1);
    octets += entry.size_octets;
    if (last && last.length < MOVING_LIMITS.batchMessages && octets <= MOVING_LIMITS.batch_octets)
      last.push(entry);
    else {
      batches.push([entry]);
      octets = entry.size_octets;
    }
  }
  return batches;
}

async function take(
  { store, record: all }: MoveIn,
  mailbox: MailboxRow,
  record: FolderRecord,
  doubtful: Doubtful,
  messages: readonly SourceMessage[],
): Promise<void> {
  const hashed = messages.map((message) => ({ message, hash: sha256(message.octets) }));
  const here: (readonly [string, Moved])[] = [];
  const wanted = hashed.filter(({ message, hash }) => {
    const uid = doubtful.get(`${hash} ${message.internalDate_ms}`)?.shift();
    if (uid !== undefined) here.push([message.key, { uid, size_octets: message.octets.length, hash }]);
    return uid === undefined;
  });
  all.add(record, here);
  if (wanted.length === 0) return;
  const uids = await appendAll(
    store,
    mailbox,
    wanted.map(({ message }) => message),
  );
  all.add(
    record,
    wanted.map(({ message, hash }, i) => [
      message.key,
      { uid: uids[i] ?? 0, size_octets: message.octets.length, hash },
    ]),
  );
}

const sha256 = (octets: Uint8Array): string => createHash("sha256").update(octets).digest("hex");

/** One commit for all of them. Keywords beyond what a mailbox holds are left out: mail must arrive. */
async function appendAll(
  store: Store,
  { id, name }: MailboxRow,
  messages: readonly SourceMessage[],
): Promise<readonly Uid[]> {
  const rows = messages.map(newMessage);
  let result = await store.mail.append(id, rows);
  if (!result.ok && result.error === "keyword-limit")
    result = await store.mail.append(
      id,
      rows.map((row) => ({ ...row, flags: { system: row.flags.system, keywords: [] } })),
    );
  if (result.ok) return result.value.uids;
  const overQuota = result.error === "over-quota";
  throw new OperatorError(
    result.error,
    `${name} takes no more: ${overQuota ? "the account is full" : "the mailbox is gone"}.`,
    `${overQuota ? "Raise it with `wachpost account quota`, then run" : "Run"} the same command again.`,
  );
}

const newMessage = ({ octets, flags, internalDate_ms }: SourceMessage): NewMessage => ({
  source: { kind: "octets", octets },
  outline: scan(octets),
  flags,
  internalDate_ms,
});

/** The mailbox of this use, else of this name; made where there is none. */
export async function mailboxFor(
  store: Store,
  account: AccountId,
  { target, specialUse, subscribed }: Pick<SourceFolder, "target" | "specialUse" | "subscribed">,
): Promise<MailboxRow> {
  const all = await store.mail.mailboxes(account);
  const found =
    all.find((row) => specialUse !== undefined && row.specialUse === specialUse) ??
    all.find((row) => row.name === target);
  if (found !== undefined) return found;
  const made = await store.mail.createMailbox(account, target, specialUse);
  const row = made.ok ? await store.mail.mailbox(made.value) : undefined;
  if (row === undefined)
    throw new OperatorError(
      made.ok ? "no-mailbox" : made.error,
      `The mailbox ${target} cannot be made.`,
      "Name another with --map, or leave it out with --map 'NAME='.",
    );
  if (subscribed) await store.mail.subscribe(account, target, true);
  return row;
}
