/**
 * What came since an upgrade, carried from the store that was upgraded (`later`) into a copy of the one before (`main`). Both are
 * joined by the columns they share, so that it works back to the first schema.
 */
import { blobKey, columnsOf } from "./census.ts";
import type { Database } from "./database.ts";
import { IS_KIND_KEY, JOURNAL_INDEXED } from "./journal-index.ts";
import { JOURNAL_OCTETS, packForSchema7 } from "./journal-rows.ts";
import { skipNumbers } from "./restore.ts";

export type CarriedOver = {
  /** Rows of mailboxes: one that came for three accounts counts three times. */
  readonly messages: number;
  /** Entries of the queue that came since. */
  readonly queued: number;
  /** Entries that were done with since: they would have been sent a second time. */
  readonly done: number;
  /** Logins under legal hold, of which the schema of then knows nothing. */
  readonly held: readonly string[];
};

/** In a transaction that is open; `note`: the setting that names the program, which stays that of the store before. */
export function carryOver(db: Database, note: string): CarriedOver {
  db.raw.exec("CREATE TEMP TABLE before AS SELECT id, mod_seq FROM main.account");
  continueNumbers(db);
  carryDirectory(db, note);
  carryMailboxes(db);
  const done = settleQueue(db);
  const { messages, queued } = carryMail(db);
  carryJournal(db);
  recount(db);
  skipNumbers(db);
  db.raw.exec(
    "DROP TABLE temp.before; DROP TABLE temp.arrived; DROP TABLE temp.needed; DROP TABLE temp.fresh",
  );
  return { messages, queued, done, held: heldUnknown(db) };
}

function heldUnknown(db: Database): readonly string[] {
  const column = "legal_hold";
  if (columnsOf(db, "account").has(column) || !columnsOf(db, "account", "later").has(column)) return [];
  const held = `SELECT login FROM later.account WHERE ${column} = 1 ORDER BY login`;
  return db.all<{ login: string }>(held).map(({ login }) => login);
}

/** What both have of a table, in `later`'s own words. */
function shared(db: Database, table: string, without: readonly string[] = []): readonly string[] {
  const later = columnsOf(db, table, "later");
  return [...columnsOf(db, table)].filter((column) => later.has(column) && !without.includes(column));
}

/** Rows of `later` as they are, in the columns both have; returns how many. */
function insertLater(db: Database, table: string, where = "true", or = ""): number {
  const columns = shared(db, table);
  if (columns.length === 0) return 0;
  const values = columns.map((column) => (column === "blob" ? blobOfThen(db, "l.blob") : `l.${column}`));
  return db.run(
    `INSERT ${or} INTO main.${table} (${columns.join(", ")}) SELECT ${values.join(", ")} FROM later.${table} l WHERE ${where}`,
  );
}

/** What `main` calls the blob that a row of `later` points at: the number it has in both, or its hash up to schema 9. */
const blobOfThen = (db: Database, blob: string): string =>
  blobKey(db) === blobKey(db, "later") ? blob : `(SELECT hash FROM later.blob WHERE id = ${blob})`;

/** No number that `later` gave out is given out again. */
function continueNumbers(db: Database): void {
  db.raw.exec(`
    INSERT INTO main.counter SELECT name, value FROM later.counter WHERE name = 'uid_validity'
      ON CONFLICT (name) DO UPDATE SET value = max(value, excluded.value);
    UPDATE main.account SET mod_seq = max(mod_seq,
      coalesce((SELECT mod_seq FROM later.account l WHERE l.id = account.id), 0));
    UPDATE main.mailbox SET uid_next = max(uid_next,
      coalesce((SELECT uid_next FROM later.mailbox l WHERE l.id = mailbox.id), 0));
    UPDATE main.sqlite_sequence SET seq = max(seq,
      coalesce((SELECT seq FROM later.sqlite_sequence l WHERE l.name = sqlite_sequence.name), 0));
    INSERT INTO main.sqlite_sequence SELECT name, seq FROM later.sqlite_sequence
      WHERE name NOT IN (SELECT name FROM main.sqlite_sequence) AND name IN (SELECT name FROM main.sqlite_schema)`);
  if (blobKey(db) === "id")
    db.raw.exec(
      "UPDATE main.segment SET next_blob = max(next_blob, (SELECT max(next_blob) FROM later.segment))",
    );
}

/** Tables without ties to mail: they are as they are now. */
const AS_NOW = ["address", "access_entry", "signing_key", "subscription", "report", "report_row"];

/**
 * Who may log in, and what arrives where, is as it is now: a password that was changed or withdrawn stays so. An account that was
 * removed since comes back with its mail, but closed.
 */
function carryDirectory(db: Database, note: string): void {
  insertLater(db, "domain", "true", "OR IGNORE");
  const columns = shared(db, "account", ["id", "used_octets", "mod_seq"]).join(", ");
  db.raw.exec(`
    UPDATE main.account SET disabled = 1 WHERE id NOT IN (SELECT id FROM later.account);
    UPDATE main.account SET login = 'removed-' || id || '-' || login
      WHERE id NOT IN (SELECT id FROM later.account) AND login IN (SELECT login FROM later.account);
    UPDATE main.account SET (${columns}) = (SELECT ${columns} FROM later.account l WHERE l.id = account.id)
      WHERE id IN (SELECT id FROM later.account)`);
  insertLater(db, "account", "l.id NOT IN (SELECT id FROM temp.before)");
  db.run("DELETE FROM main.credential WHERE account_id IN (SELECT id FROM later.account)");
  insertLater(db, "credential");
  db.run("DELETE FROM main.setting WHERE name <> ?", note);
  db.run("INSERT INTO main.setting SELECT name, value FROM later.setting WHERE name <> ?", note);
  for (const table of AS_NOW) {
    if (shared(db, table).length === 0) continue;
    db.run(`DELETE FROM main.${table}`);
    insertLater(db, table);
  }
}

/** Mailboxes made since, under another name where theirs is taken by one that had it before. */
function carryMailboxes(db: Database): void {
  const columns = shared(db, "mailbox", ["name"]).join(", ");
  db.raw.exec(`
    INSERT INTO main.mailbox (name, ${columns})
      SELECT CASE WHEN EXISTS (SELECT 1 FROM main.mailbox o WHERE o.account_id = l.account_id AND o.name = l.name)
          THEN l.name || ' ' || l.id ELSE l.name END, ${columns}
        FROM later.mailbox l WHERE l.id NOT IN (SELECT id FROM main.mailbox);
    INSERT OR IGNORE INTO main.keyword SELECT * FROM later.keyword WHERE mailbox_id IN (SELECT id FROM main.mailbox);
    INSERT OR IGNORE INTO main.thread SELECT * FROM later.thread WHERE account_id IN (SELECT id FROM main.account)`);
}

/** Entries that have gone since are done with; those still there go on where they are now. Returns how many have gone. */
function settleQueue(db: Database): number {
  const gone = "id NOT IN (SELECT id FROM later.queue_entry)";
  const key = blobKey(db);
  db.raw.exec(`
    DELETE FROM main.queue_recipient;
    UPDATE main.blob SET refs = refs - (SELECT count(*) FROM main.queue_entry e WHERE e.blob = blob.${key} AND e.${gone})
      WHERE ${key} IN (SELECT blob FROM main.queue_entry WHERE ${gone})`);
  const done = db.run(`DELETE FROM main.queue_entry WHERE ${gone}`);
  db.raw.exec(
    "UPDATE main.queue_entry SET held = (SELECT held FROM later.queue_entry l WHERE l.id = queue_entry.id)",
  );
  return done;
}

/** A message that came since has an id its account had not given out by then; one that only moved has not. */
function carryMail(db: Database): { messages: number; queued: number } {
  const key = blobKey(db);
  db.raw.exec(`
    CREATE TEMP TABLE arrived AS SELECT m.mailbox_id, m.uid, m.blob FROM later.message m
      JOIN later.mailbox b ON b.id = m.mailbox_id LEFT JOIN temp.before o ON o.id = b.account_id
      WHERE m.email_id > coalesce(o.mod_seq, 0)
        AND NOT EXISTS (SELECT 1 FROM main.message x WHERE x.mailbox_id = m.mailbox_id AND x.uid = m.uid);
    CREATE TEMP TABLE needed AS SELECT ${blobOfThen(db, "blob")} AS ${key}, min(blob) AS blob, count(*) AS n FROM
      (SELECT blob FROM temp.arrived
       UNION ALL SELECT blob FROM later.queue_entry WHERE id NOT IN (SELECT id FROM main.queue_entry)) GROUP BY 1;
    CREATE TEMP TABLE fresh AS SELECT ${key}, blob FROM temp.needed WHERE ${key} NOT IN (SELECT ${key} FROM main.blob)`);
  const fresh = `l.${blobKey(db, "later")} IN (SELECT blob FROM temp.fresh)`;
  insertLater(db, "segment", `l.id IN (SELECT segment_id FROM later.blob l WHERE ${fresh})`);
  insertLater(db, "blob", fresh);
  db.raw.exec(`
    UPDATE main.blob SET refs = 0 WHERE ${key} IN (SELECT ${key} FROM temp.fresh);
    UPDATE main.blob SET refs = refs + (SELECT n FROM temp.needed n WHERE n.${key} = blob.${key})
      WHERE ${key} IN (SELECT ${key} FROM temp.needed)`);
  const arrived = "(l.mailbox_id, l.uid) IN (SELECT mailbox_id, uid FROM temp.arrived)";
  const messages = insertLater(db, "message", arrived);
  const queued = insertLater(db, "queue_entry", "l.id NOT IN (SELECT id FROM main.queue_entry)");
  insertLater(db, "queue_recipient");
  return { messages, queued };
}

/** The decision record as it is now, except for the last second of a process that was killed. */
function carryJournal(db: Database): void {
  if (columnsOf(db, "journal").size === 0) return;
  db.raw.exec("DELETE FROM main.journal; DELETE FROM main.journal_key");
  insertLater(db, "journal", `l.seq <= (SELECT value FROM later.counter WHERE name = '${JOURNAL_INDEXED}')`);
  db.raw.function("pack_for_schema_7", { deterministic: true }, (body) => packForSchema7(body as Uint8Array));
  db.raw.exec("UPDATE main.journal SET body = pack_for_schema_7(body) WHERE substr(body, 1, 1) = x'02'");
  // Up to schema 10 nobody would take the keys of kinds out again.
  const kinds = hasIndex(db, "journal_by_kind") ? `NOT ${IS_KIND_KEY}` : "true";
  insertLater(db, "journal_key", `l.seq IN (SELECT seq FROM main.journal) AND ${kinds}`);
  db.raw.exec(`
    INSERT OR REPLACE INTO main.counter SELECT '${JOURNAL_OCTETS}', coalesce(sum(length(body)), 0) FROM main.journal;
    UPDATE main.counter SET value = (SELECT coalesce(max(seq), 0) FROM main.journal) WHERE name = '${JOURNAL_INDEXED}'`);
}

const hasIndex = (db: Database, name: string): boolean =>
  db.one("SELECT 1 FROM main.sqlite_schema WHERE name = ?", name) !== undefined;

/** Counters, from what is there now. */
function recount(db: Database): void {
  db.raw.exec(`
    DELETE FROM main.blob WHERE refs = 0;
    UPDATE main.segment SET dead_octets = used_octets;
    UPDATE main.segment SET dead_octets = used_octets - living.octets FROM
      (SELECT segment_id, sum(size_octets + outline_octets) AS octets FROM main.blob GROUP BY segment_id) AS living
      WHERE living.segment_id = main.segment.id;
    UPDATE main.mailbox SET (messages, unseen, deleted, size_octets) = (SELECT count(*),
      coalesce(sum((system_flags & 1) = 0), 0), coalesce(sum((system_flags & 8) <> 0), 0),
      coalesce(sum(size_octets), 0) FROM main.message WHERE mailbox_id = mailbox.id);
    UPDATE main.account SET used_octets =
      (SELECT coalesce(sum(size_octets), 0) FROM main.mailbox WHERE account_id = account.id)`);
}
