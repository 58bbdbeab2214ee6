import { createHash } from "node:crypto";
import type { Database } from "./database.ts";

/** How much of a kind there is, and one hash over all of it: two stores of the same census hold the same. */
export type Counted = { readonly count: number; readonly hash: string };
/** By kind, e.g. `addresses`, and by mailbox, e.g. `mailbox anna@example.org Sent`. */
export type Census = Readonly<Record<string, Counted>>;

type Kind = { readonly table: string; readonly columns: string; readonly order: string };

/** Columns by name, so that a later schema counts the same. */
const KINDS: Readonly<Record<string, Kind>> = {
  settings: { table: "setting", columns: "name, value", order: "name" },
  domains: { table: "domain", columns: "name", order: "name" },
  accounts: {
    table: "account",
    columns: "id, login, display_name, quota_octets, disabled, administrator, scram_salt, created_ms",
    order: "id",
  },
  addresses: {
    table: "address",
    columns: "domain, local_part, account_id, members",
    order: "domain, local_part",
  },
  credentials: {
    table: "credential",
    columns: "id, account_id, kind, name, hash, scram_stored_key, scram_server_key, scopes, created_ms",
    order: "id",
  },
  "signing keys": {
    table: "signing_key",
    columns: "domain, selector, algorithm, private_key, created_ms, active_ms, retired_ms",
    order: "domain, selector",
  },
  subscriptions: { table: "subscription", columns: "account_id, name", order: "account_id, name" },
  "access entries": {
    table: "access_entry",
    columns: "list, key, value, reason, author, expires_ms",
    order: "list, key",
  },
  "queue entries": {
    table: "queue_entry",
    columns: "id, sender, smtp_utf8, body, ret, envid, created_ms, submitter, blob, held, tls",
    order: "id",
  },
  "queue recipients": {
    table: "queue_recipient",
    columns: "entry_id, number, address, notify, state, attempts, next_attempt_ms, last_reply",
    order: "entry_id, number",
  },
  reports: { table: "report", columns: "kind, day, domain, settled_ms, outcome", order: "kind, day, domain" },
  "report rows": {
    table: "report_row",
    columns: "kind, day, domain, facts, count",
    order: "kind, day, domain, facts",
  },
  "journal records": { table: "journal", columns: "seq, kind, id, at_ms", order: "seq" },
};

const MESSAGES: Kind = {
  table: "message",
  columns: "uid, system_flags, keywords, internal_date_ms, size_octets, origin, fates, blob",
  order: "uid",
};

/** As hexadecimal digits. */
const BINARY: ReadonlySet<string> = new Set(["scram_salt", "scram_stored_key", "scram_server_key"]);

/** Columns of a table as a database has them, also one attached as `where`; none where it has no such table. */
export const columnsOf = (db: Database, table: string, where = "main"): ReadonlySet<string> =>
  new Set(
    db
      .all<{ name: string }>("SELECT name FROM pragma_table_info(?, ?)", table, where)
      .map(({ name }) => name),
  );

/** What messages point at in `blob`: its number, up to schema 9 the hash. */
export const blobKey = (db: Database, where = "main"): "id" | "hash" =>
  columnsOf(db, "blob", where).has("id") ? "id" : "hash";

/**
 * Counts everything a restore must bring back as it was. `known`: a database of an earlier schema; only what that one can hold
 * is counted, so that both can be held against each other.
 */
export function census(db: Database, known: Database = db): Census {
  const found: Record<string, Counted> = {};
  for (const [name, kind] of Object.entries(KINDS)) {
    const query = queryOf(db, kind, known);
    if (query !== undefined) found[name] = counted(db, query);
  }
  const messages = queryOf(db, MESSAGES, known, "mailbox_id = ?");
  const mailboxes = db.all<{ id: number; login: string; name: string; uid_validity: number }>(
    "SELECT b.id, a.login, b.name, b.uid_validity FROM mailbox b JOIN account a ON a.id = b.account_id ORDER BY b.id",
  );
  for (const { id, login, name, uid_validity } of mailboxes)
    if (messages !== undefined) found[`mailbox ${login} ${name} ${uid_validity}`] = counted(db, messages, id);
  return found;
}

function queryOf(
  db: Database,
  { table, columns, order }: Kind,
  known: Database,
  where = "true",
): string | undefined {
  const there = columnsOf(known, table);
  const chosen = columns.split(", ").filter((column) => there.has(column));
  if (chosen.length === 0) return undefined;
  const content = `(SELECT hex(hash) FROM blob b WHERE b.${blobKey(db)} = ${table}.blob)`;
  const values = chosen.map((column) =>
    column === "blob" ? content : BINARY.has(column) ? `hex(${column})` : column,
  );
  return `SELECT ${values.join(", ")} FROM ${table} WHERE ${where} ORDER BY ${order}`;
}

function counted(db: Database, query: string, ...values: number[]): Counted {
  const hash = createHash("sha256");
  let count = 0;
  for (const row of db.raw.prepare(query).iterate(...values)) {
    hash.update(JSON.stringify(Object.values(row)));
    count++;
  }
  return { count, hash: hash.digest("hex").slice(0, 32) };
}

/** What differs, in words; empty: nothing. */
export function differences(want: Census, found: Census): readonly string[] {
  return [...new Set([...Object.keys(want), ...Object.keys(found)])]
    .filter((kind) => want[kind]?.hash !== found[kind]?.hash || want[kind]?.count !== found[kind]?.count)
    .map((kind) => `${kind}: ${want[kind]?.count ?? "none"} expected, ${found[kind]?.count ?? "none"} found`);
}
