import { join } from "node:path";
import type { Clock } from "../base/clock.ts";
import { silentLog } from "../base/log.ts";
import type { MailboxId } from "../base/mail-ids.ts";
import { OperatorError } from "../base/operator-error.ts";
import { openStore } from "../store/sqlite/open.ts";
import { bringToDate } from "../store/sqlite/restore.ts";
import type { AccountRow, MailboxRow, MessageRow, NewMessage, Store } from "../store/store.ts";
import type { ArchiveSecret } from "./archive-key.ts";
import { extractArchive } from "./restore-archive.ts";
import { withScratch } from "./workplace.ts";

/** Where messages come back to; nobody's own mailboxes are touched. */
const TARGET = "Restored";
const BATCH_MESSAGES = 64;
/** Held in memory at once, unless one message alone is larger. */
const BATCH_OCTETS = 8 * 1024 * 1024;

export type PartOrder = {
  readonly file: string;
  readonly secret: ArchiveSecret;
  /** The living server's data; the archive is unpacked there for the time it takes. */
  readonly data: string;
  readonly store: Store;
  readonly account: AccountRow;
  readonly mailbox?: string;
  /** A uid of the mailbox, or a Message-ID. */
  readonly message?: string;
  readonly clock: Clock;
};
export type PartRestored = {
  readonly mailboxes: readonly string[];
  readonly messages: number;
  readonly there: number;
};

/** Messages of an archive into `Restored/…` of the account, with flags and dates; those that stand there already stay one. */
export function restorePart(order: PartOrder): Promise<PartRestored> {
  return withScratch(order.data, "part", async (scratch) => {
    await extractArchive(order.file, order.secret, scratch);
    const directory = join(scratch, "store");
    bringToDate(directory);
    await using old = await openStore({ directory, log: silentLog, clock: order.clock, readOnly: true });
    return await copyFrom(old, order);
  });
}

async function copyFrom(old: Store, order: PartOrder): Promise<PartRestored> {
  const account = await old.directory.accountByLogin(order.account.login);
  const all = account === undefined ? [] : await old.mail.mailboxes(account.id);
  const chosen = all.filter(({ name }) => order.mailbox === undefined || name === order.mailbox);
  if (chosen.length === 0)
    throw new OperatorError(
      "not-in-backup",
      `The archive holds no mailbox ${order.mailbox ?? ""} of ${order.account.login}.`,
      `It holds: ${all.map(({ name }) => name).join(", ") || "nothing of this account"}.`,
    );
  const mailboxes: string[] = [];
  let messages = 0;
  let there = 0;
  for (const mailbox of chosen) {
    const rows = await wantedRows(old, mailbox, order.message);
    if (rows.length === 0) continue;
    const target = await targetFor(order, mailbox.name);
    const known = await contentsOf(order.store, target);
    const missing: MessageRow[] = [];
    for (const row of rows) if (!known.has(await old.mail.hash(row.blob))) missing.push(row);
    await append(old, order.store, target, missing);
    mailboxes.push(`${TARGET}/${mailbox.name}`);
    messages += missing.length;
    there += rows.length - missing.length;
  }
  if (order.message !== undefined && mailboxes.length === 0)
    throw new OperatorError(
      "not-in-backup",
      `The archive holds no message ${order.message} there.`,
      "Name a uid of the mailbox or a Message-ID as it stands in the message.",
    );
  return { mailboxes, messages, there };
}

async function wantedRows(
  old: Store,
  { id }: MailboxRow,
  message: string | undefined,
): Promise<readonly MessageRow[]> {
  const rows: MessageRow[] = [];
  const uid = message !== undefined && /^[0-9]{1,10}$/.test(message) ? Number(message) : undefined;
  const uids = uid === undefined ? await old.mail.uids(id) : Uint32Array.of(uid);
  const wanted = message?.replace(/^<|>$/g, "");
  for await (const batch of old.mail.messages(id, uids))
    for (const row of batch)
      if (message === undefined || uid !== undefined || (await hasId(old, row, wanted))) rows.push(row);
  return rows;
}

async function hasId(old: Store, { blob }: MessageRow, wanted: string | undefined): Promise<boolean> {
  const outline = await old.mail.outline(blob);
  return outline?.envelope.messageId?.replace(/^<|>$/g, "") === wanted;
}

async function targetFor({ store, account }: PartOrder, name: string): Promise<MailboxId> {
  const path = `${TARGET}/${name}`;
  const found = await store.mail.mailboxByName(account.id, path);
  if (found !== undefined) return found.id;
  const made = await store.mail.createMailbox(account.id, path);
  if (!made.ok)
    throw new OperatorError(
      made.error,
      `The mailbox ${path} cannot be made.`,
      "Remove mailboxes nobody needs.",
    );
  for (const one of [TARGET, path]) await store.mail.subscribe(account.id, one, true);
  return made.value;
}

async function contentsOf(store: Store, mailbox: MailboxId): Promise<ReadonlySet<string | undefined>> {
  const found = new Set<string | undefined>();
  for await (const rows of store.mail.messages(mailbox, await store.mail.uids(mailbox)))
    for (const { blob } of rows) found.add(await store.mail.hash(blob));
  return found;
}

async function append(
  old: Store,
  store: Store,
  target: MailboxId,
  rows: readonly MessageRow[],
): Promise<void> {
  for (const batch of batchesOf(rows)) {
    const messages: NewMessage[] = [];
    for (const { blob, flags, internalDate_ms } of batch) {
      const [octets, outline] = [await old.mail.octets(blob), await old.mail.outline(blob)];
      if (octets === undefined || outline === undefined) continue;
      // One marked as deleted is wanted back.
      const kept = { ...flags, system: flags.system & ~8 };
      messages.push({ source: { kind: "octets", octets }, outline, flags: kept, internalDate_ms });
    }
    const result = await store.mail.append(target, messages);
    if (!result.ok)
      throw new OperatorError(
        result.error,
        "The account has no room for what comes back.",
        "Raise it with `wachpost account quota`, then run the same command again.",
      );
  }
}

/** Few enough for one commit, small enough for memory. */
function batchesOf(rows: readonly MessageRow[]): readonly (readonly MessageRow[])[] {
  const batches: MessageRow[][] = [];
  let octets = 0;
  for (const row of rows) {
    const last = batches.at(-1);
    octets += row.size_octets;
    if (last !== undefined && last.length < BATCH_MESSAGES && octets <= BATCH_OCTETS) last.push(row);
    else {
      batches.push([row]);
      octets = row.size_octets;
    }
  }
  return batches;
}
