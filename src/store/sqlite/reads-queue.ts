import type { NewQueueRecipient, QueueEntry, QueueReads, QueueRecipient } from "../store.ts";
import type { Database } from "./database.ts";
import type { Readers } from "./readers.ts";

export function queueReads(readers: Readers): QueueReads {
  return {
    queued: () => readers.read(queuedEntries),
    queueEntry: (id) => readers.read((db) => queueEntry(db, id)),
    queueLength: () =>
      readers.read((db) => db.one<{ n: number }>("SELECT count(*) AS n FROM queue_entry")?.n ?? 0),
  };
}

type RawEntry = {
  id: string;
  sender: string;
  smtp_utf8: number;
  body: QueueEntry["body"];
  ret: "FULL" | "HDRS" | null;
  envid: string | null;
  tls: QueueEntry["tls"] | null;
  created_ms: number;
  submitter: string | null;
  blob: number;
  size_octets: number;
  held: number;
};
type RawRecipient = {
  entry_id: string;
  number: number;
  address: string;
  notify: string | null;
  orcpt_type: string | null;
  orcpt_address: string | null;
  state: QueueRecipient["state"];
  attempts: number;
  next_attempt_ms: number;
  last_reply: string | null;
  last_host: string | null;
  delay_notice_sent: number;
};

const ENTRY = `SELECT id, sender, smtp_utf8, body, ret, envid, tls, created_ms, submitter, blob, size_octets, held
  FROM queue_entry`;

export function queueEntry(db: Database, id: string): QueueEntry | undefined {
  const raw = db.one<RawEntry>(`${ENTRY} WHERE id = ?`, id);
  if (raw === undefined) return undefined;
  const recipients = db.all<RawRecipient>(
    "SELECT * FROM queue_recipient WHERE entry_id = ? ORDER BY number",
    id,
  );
  return entryRow(raw, recipients);
}

function queuedEntries(db: Database): QueueEntry[] {
  const recipients = Map.groupBy(
    db.all<RawRecipient>("SELECT * FROM queue_recipient ORDER BY entry_id, number"),
    (row) => row.entry_id,
  );
  return db
    .all<RawEntry>(`${ENTRY} ORDER BY created_ms, id`)
    .map((raw) => entryRow(raw, recipients.get(raw.id) ?? []));
}

const entryRow = (raw: RawEntry, recipients: readonly RawRecipient[]): QueueEntry => ({
  id: raw.id,
  from: raw.sender,
  smtpUtf8: raw.smtp_utf8 === 1,
  body: raw.body,
  ...(raw.ret === null ? {} : { ret: raw.ret }),
  ...(raw.envid === null ? {} : { envid: raw.envid }),
  ...(raw.tls ? { tls: raw.tls } : {}),
  created_ms: raw.created_ms,
  ...(raw.submitter === null ? {} : { submitter: raw.submitter }),
  blob: String(raw.blob),
  size_octets: raw.size_octets,
  held: raw.held === 1,
  recipients: recipients.map(recipientRow),
});

const recipientRow = (raw: RawRecipient): QueueRecipient => ({
  index: raw.number,
  address: raw.address,
  ...(raw.notify === null
    ? {}
    : { notify: JSON.parse(raw.notify) as NonNullable<NewQueueRecipient["notify"]> }),
  ...(raw.orcpt_type === null ? {} : { orcpt: { type: raw.orcpt_type, address: raw.orcpt_address ?? "" } }),
  state: raw.state,
  attempts: raw.attempts,
  nextAttempt_ms: raw.next_attempt_ms,
  ...(raw.last_reply === null ? {} : { lastReply: raw.last_reply }),
  ...(raw.last_host === null ? {} : { lastHost: raw.last_host }),
  delayNoticeSent: raw.delay_notice_sent === 1,
});
