import { setImmediate as turn } from "node:timers/promises";
import type { AccountId, MailboxId, ModSeq, Uid, UidValidity } from "../../base/mail-ids.ts";
import type { Place } from "../blobs/segment-files.ts";
import type { SegmentReader } from "../blobs/segment-reader.ts";
import { StoreError, toStoreError } from "../store-error.ts";
import type { BlobId, MailboxRow, MailReads, MessageRow, SpecialUse } from "../store.ts";
import { findBlob, hashOfBlob } from "./blob-rows.ts";
import type { Database } from "./database.ts";
import { deltaOf } from "./delta.ts";
import { FLAG_COLUMNS, flagRow, type FlagsOfUid, type RawFlags } from "./message-rows.ts";
import type { Readers } from "./readers.ts";
import type { Outline } from "../../message/outline.ts";

/** Uids per turn of the loop: about 2 ms. */
const UIDS_BATCH = 20_000;
/** Rows per turn of the loop: about 2 ms with their keywords. */
const ROWS_BATCH = 500;
/** Looking a blob up again while compaction moves it; it moves once in a long while. */
const PLACE_TRIES = 4;

/** Everything the mail rooms read. Reads that may be long hold a snapshot and give way between batches. */
export function mailReads(readers: Readers, segments: SegmentReader): MailReads {
  return {
    mailboxes: (account) => readers.read((db) => mailboxesOf(db, account)),
    mailbox: (id) => readers.read((db) => mailboxById(db, id)),
    mailboxByName: (account, name) => readers.read((db) => mailboxByName(db, account, name)),
    subscriptions: (account) => readers.read((db) => subscriptionsOf(db, account)),
    keywords: (mailbox) => readers.read((db) => keywordsOf(db, mailbox)),
    uids: (mailbox) => uidsOf(readers, mailbox),
    messages: (mailbox, uids) => inBatches(readers, uids, (db, batch) => messageRows(db, mailbox, batch)),
    flags: (mailbox, uids) => inBatches(readers, uids, (db, batch) => flagRows(db, mailbox, batch)),
    delta: (mailbox, since) => deltaOf(readers, mailbox, since),
    hash: (blob) => readers.read((db) => hexOf(hashOfBlob(db, Number(blob)))),
    outline: (blob) => readOutline(readers, segments, blob),
    octets: (blob, start, end) => readOctets(readers, segments, blob, start, end),
  };
}

type RawMailbox = {
  id: MailboxId;
  account: AccountId;
  name: string;
  specialUse: SpecialUse | null;
  subscribed: number;
  keepDays: number;
  uidValidity: UidValidity;
  uidNext: Uid;
  highestModSeq: ModSeq;
  messages: number;
  unseen: number;
  deleted: number;
  size_octets: number;
};

const MAILBOX = `SELECT m.id, m.account_id AS account, m.name, m.special_use AS specialUse,
  s.name IS NOT NULL AS subscribed, m.keep_days AS keepDays, m.uid_validity AS uidValidity, m.uid_next AS uidNext,
  m.mod_seq AS highestModSeq, m.messages, m.unseen, m.deleted, m.size_octets
  FROM mailbox m LEFT JOIN subscription s ON s.account_id = m.account_id AND s.name = m.name`;

function mailboxRow({ specialUse, subscribed, ...row }: RawMailbox): MailboxRow {
  return { ...row, subscribed: subscribed === 1, ...(specialUse === null ? {} : { specialUse }) };
}

const mailboxesOf = (db: Database, account: AccountId): MailboxRow[] =>
  db.all<RawMailbox>(`${MAILBOX} WHERE m.account_id = ? ORDER BY m.name`, account).map(mailboxRow);

function mailboxById(db: Database, id: MailboxId): MailboxRow | undefined {
  const row = db.one<RawMailbox>(`${MAILBOX} WHERE m.id = ?`, id);
  return row && mailboxRow(row);
}

function mailboxByName(db: Database, account: AccountId, name: string): MailboxRow | undefined {
  const row = db.one<RawMailbox>(`${MAILBOX} WHERE m.account_id = ? AND m.name = ?`, account, name);
  return row && mailboxRow(row);
}

const subscriptionsOf = (db: Database, account: AccountId): string[] =>
  db
    .all<{ name: string }>("SELECT name FROM subscription WHERE account_id = ? ORDER BY name", account)
    .map(({ name }) => name);

const keywordsOf = (db: Database, mailbox: MailboxId): string[] =>
  db
    .all<{ spelling: string }>("SELECT spelling FROM keyword WHERE mailbox_id = ? ORDER BY spelling", mailbox)
    .map(({ spelling }) => spelling);

async function uidsOf(readers: Readers, mailbox: MailboxId): Promise<Uint32Array> {
  using view = await readers.snapshot();
  const { db } = view;
  const count =
    db.one<{ messages: number }>("SELECT messages FROM mailbox WHERE id = ?", mailbox)?.messages ?? 0;
  const uids = new Uint32Array(count);
  let last = 0;
  for (let filled = 0; filled < count;) {
    const rows = db.all<{ uid: number }>(
      `SELECT uid FROM message WHERE mailbox_id = ? AND uid > ? ORDER BY uid LIMIT ${UIDS_BATCH}`,
      mailbox,
      last,
    );
    if (rows.length === 0)
      throw new StoreError("corrupt", `mailbox ${mailbox} counts ${count} messages, has ${filled}`);
    for (const { uid } of rows) uids[filled++] = last = uid;
    if (filled < count) await turn();
  }
  return uids;
}

/** Each batch sees the last commit: a message removed meanwhile is simply not there any more. */
async function* inBatches<Row>(
  readers: Readers,
  uids: Uint32Array,
  rowsOf: (db: Database, batch: Uint32Array) => Row[],
): AsyncGenerator<readonly Row[]> {
  const wanted = isAscending(uids) ? uids : new Uint32Array(new Set(uids.toSorted()));
  for (let at = 0; at < wanted.length; at += ROWS_BATCH) {
    if (at > 0) await turn();
    const rows = await readers.read((db) => rowsOf(db, wanted.subarray(at, at + ROWS_BATCH)));
    if (rows.length > 0) yield rows;
  }
}

function isAscending(uids: Uint32Array): boolean {
  for (let i = 1; i < uids.length; i++) if ((uids[i] ?? 0) <= (uids[i - 1] ?? 0)) return false;
  return true;
}

type RawMessage = RawFlags & {
  internal_date_ms: number;
  saved_ms: number;
  size_octets: number;
  email_id: number;
  thread_id: number;
  blob: number;
};

function messageRows(db: Database, mailbox: MailboxId, uids: Uint32Array): MessageRow[] {
  const account =
    db.one<{ account_id: number }>("SELECT account_id FROM mailbox WHERE id = ?", mailbox)?.account_id ?? 0;
  return rowsAmong<RawMessage>(
    db,
    `${FLAG_COLUMNS}, internal_date_ms, saved_ms, size_octets, email_id, thread_id, blob`,
    mailbox,
    uids,
  ).map((row) => ({
    ...flagRow(row),
    internalDate_ms: row.internal_date_ms,
    size_octets: row.size_octets,
    blob: String(row.blob),
    emailId: objectId("M", account, row.email_id),
    threadId: objectId("T", account, row.thread_id),
    saved_ms: row.saved_ms,
  }));
}

const flagRows = (db: Database, mailbox: MailboxId, uids: Uint32Array): FlagsOfUid[] =>
  rowsAmong<RawFlags>(db, FLAG_COLUMNS, mailbox, uids).map(flagRow);

/** RFC 8474 §4: an ObjectID is letters, digits, `-` and `_`. Numbers are an account's own, so it is part of the id. */
const objectId = (kind: "M" | "T", account: number, number: number): string =>
  `${kind}${account.toString(36)}_${number.toString(36)}`;

/** Uids that lie close together are one scan, others one look-up each. */
function rowsAmong<Row extends { uid: number }>(
  db: Database,
  columns: string,
  mailbox: MailboxId,
  uids: Uint32Array,
): Row[] {
  const first = uids[0] ?? 0;
  const last = uids.at(-1) ?? 0;
  const select = `SELECT ${columns} FROM message WHERE mailbox_id = ?`;
  if (last - first < uids.length * 4) {
    const wanted = last - first + 1 === uids.length ? undefined : new Set(uids);
    const rows = db.all<Row>(`${select} AND uid BETWEEN ? AND ?`, mailbox, first, last);
    return wanted === undefined ? rows : rows.filter((row) => wanted.has(row.uid));
  }
  const rows: Row[] = [];
  for (const uid of uids) {
    const row = db.one<Row>(`${select} AND uid = ?`, mailbox, uid);
    if (row !== undefined) rows.push(row);
  }
  return rows;
}

const hexOf = (octets: Uint8Array | undefined): string | undefined =>
  octets && Buffer.from(octets).toString("hex");

async function readOutline(
  readers: Readers,
  segments: SegmentReader,
  blob: BlobId,
): Promise<Outline | undefined> {
  const octets = await readPlace(readers, segments, blob, (found) => found.outline);
  return octets && (JSON.parse(octets.toString()) as Outline);
}

async function readOctets(
  readers: Readers,
  segments: SegmentReader,
  blob: BlobId,
  start = 0,
  end = Number.MAX_SAFE_INTEGER,
): Promise<Buffer | undefined> {
  return await readPlace(readers, segments, blob, ({ octets }) => {
    const from = Math.min(Math.max(start, 0), octets.length);
    const to = Math.min(Math.max(end, from), octets.length);
    return { ...octets, start: octets.start + from, length: to - from };
  });
}

async function readPlace(
  readers: Readers,
  segments: SegmentReader,
  blob: BlobId,
  placeIn: (found: { octets: Place; outline: Place }) => Place,
): Promise<Buffer | undefined> {
  try {
    for (let tries = 0; tries < PLACE_TRIES; tries++) {
      const found = findBlob(readers.db, Number(blob));
      if (found === undefined) return undefined;
      const octets = await segments.read(placeIn(found));
      if (octets !== undefined) return octets;
    }
  } catch (error) {
    throw toStoreError(error, `reading message ${blob}`);
  }
  throw new StoreError("corrupt", `message ${blob} has rows but no bytes`);
}
