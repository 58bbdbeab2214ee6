import { createHash } from "node:crypto";
import type { Database } from "./database.ts";

/** How much of a kind there is, and one hash over all of it: two stores of the same census hold the same. */
export type Counted = { readonly count: number; readonly hash: string };
/** By kind, e.g. `addresses`, and by mailbox, e.g. `mailbox anna@example.org Sent`. */
export type Census = Readonly<Record<string, Counted>>;

/** Columns by name, so that a later schema counts the same. */
const KINDS: Readonly<Record<string, string>> = {
  settings: "SELECT name, value FROM setting ORDER BY name",
  domains: "SELECT name FROM domain ORDER BY name",
  accounts: `SELECT id, login, display_name, quota_octets, disabled, administrator, hex(scram_salt) AS salt, created_ms
    FROM account ORDER BY id`,
  addresses: "SELECT domain, local_part, account_id, members FROM address ORDER BY domain, local_part",
  credentials: `SELECT id, account_id, kind, name, hash, hex(scram_stored_key) AS stored, hex(scram_server_key) AS server,
    scopes, created_ms FROM credential ORDER BY id`,
  "signing keys": `SELECT domain, selector, algorithm, private_key, created_ms, active_ms, retired_ms FROM signing_key
    ORDER BY domain, selector`,
  subscriptions: "SELECT account_id, name FROM subscription ORDER BY account_id, name",
  "access entries":
    "SELECT list, key, value, reason, author, expires_ms FROM access_entry ORDER BY list, key",
  "queue entries": `SELECT id, sender, smtp_utf8, body, ret, envid, created_ms, submitter, hex(blob) AS blob, held, tls
    FROM queue_entry ORDER BY id`,
  "queue recipients": `SELECT entry_id, number, address, notify, state, attempts, next_attempt_ms, last_reply
    FROM queue_recipient ORDER BY entry_id, number`,
  reports: "SELECT kind, day, domain, settled_ms, outcome FROM report ORDER BY kind, day, domain",
  "report rows": "SELECT kind, day, domain, facts, count FROM report_row ORDER BY kind, day, domain, facts",
  "journal records": "SELECT seq, kind, id, at_ms FROM journal ORDER BY seq",
};

const MESSAGES = `SELECT uid, system_flags, keywords, internal_date_ms, size_octets, origin, fates, hex(blob) AS blob
  FROM message
  WHERE mailbox_id = ? ORDER BY uid`;

/** Counts everything a restore must bring back as it was. */
export function census(db: Database): Census {
  const found: Record<string, Counted> = {};
  for (const [kind, query] of Object.entries(KINDS)) found[kind] = counted(db, query);
  const mailboxes = db.all<{ id: number; login: string; name: string; uid_validity: number }>(
    "SELECT b.id, a.login, b.name, b.uid_validity FROM mailbox b JOIN account a ON a.id = b.account_id ORDER BY b.id",
  );
  for (const { id, login, name, uid_validity } of mailboxes)
    found[`mailbox ${login} ${name} ${uid_validity}`] = counted(db, MESSAGES, id);
  return found;
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
