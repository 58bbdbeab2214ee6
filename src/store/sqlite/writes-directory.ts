import type { AccountId, MailboxId } from "../../base/mail-ids.ts";
import type { AddressRow, DirectoryRefusal, DirectoryResult, NewAccount, SigningKeyRow } from "../store.ts";
import { mailboxNamed, makeMailbox, raiseRetentionVersion } from "./mailbox-rows.ts";
import type { Input } from "./operations.ts";
import type { Transaction } from "./transaction.ts";
import { entomb } from "./writes-mailbox.ts";

const done: DirectoryResult = { ok: true, value: undefined };
const refused = (error: DirectoryRefusal): { readonly ok: false; readonly error: DirectoryRefusal } => ({
  ok: false,
  error,
});

export function addDomain({ db }: Transaction, domain: string): DirectoryResult {
  return db.run("INSERT OR IGNORE INTO domain (name) VALUES (?)", domain) > 0 ? done : refused("exists");
}

export function removeDomain(tx: Transaction, domain: string): DirectoryResult {
  const { db } = tx;
  if (!hasDomain(tx, domain)) return refused("no-domain");
  if (db.one("SELECT 1 FROM address WHERE domain = ?", domain)) return refused("in-use");
  if (db.one("SELECT 1 FROM account WHERE domain = ?", domain)) return refused("in-use");
  db.run("DELETE FROM signing_key WHERE domain = ?", domain);
  db.run("DELETE FROM domain WHERE name = ?", domain);
  return done;
}

/** The account, its own address (where it has a domain) and its mailboxes; INBOX is made whether named or not. */
export function addAccount(tx: Transaction, account: NewAccount): DirectoryResult<AccountId> {
  const { localPart, domain } = splitLogin(account.login);
  if (domain === "") tx.db.run("INSERT OR IGNORE INTO domain (name) VALUES ('')");
  if (!hasDomain(tx, domain)) return refused("no-domain");
  if (tx.db.one("SELECT 1 FROM account WHERE login = ?", account.login)) return refused("exists");
  if (tx.db.one("SELECT 1 FROM address WHERE domain = ? AND local_part = ?", domain, localPart)) {
    return refused("exists");
  }
  const id = tx.db.insert(
    `INSERT INTO account (login, domain, display_name, quota_octets, administrator, scram_salt, created_ms)
     VALUES (?, ?, ?, ?, ?, ?, ?)`,
    account.login,
    domain,
    account.displayName,
    account.quota_octets,
    account.administrator ? 1 : 0,
    account.scramSalt,
    account.created_ms,
  ) as AccountId;
  if (domain !== "")
    tx.db.run("INSERT INTO address (domain, local_part, account_id) VALUES (?, ?, ?)", domain, localPart, id);
  for (const { name, specialUse, keepDays = 0 } of [{ name: "INBOX" }, ...account.mailboxes]) {
    if (mailboxNamed(tx, id, name) === undefined) {
      const mailbox = makeMailbox(tx, id, name, specialUse);
      if (keepDays > 0) tx.db.run("UPDATE mailbox SET keep_days = ? WHERE id = ?", keepDays, mailbox);
    }
    tx.db.run("INSERT OR IGNORE INTO subscription (account_id, name) VALUES (?, ?)", id, name);
  }
  return { ok: true, value: id };
}

export function removeAccount(tx: Transaction, id: AccountId): DirectoryResult {
  const { db } = tx;
  if (!hasAccount(tx, id)) return refused("no-account");
  if (db.one("SELECT 1 FROM account WHERE id = ? AND legal_hold = 1", id)) return refused("on-hold");
  const mailboxes = db.all<{ id: MailboxId; size_octets: number }>(
    "SELECT id, size_octets FROM mailbox WHERE account_id = ?",
    id,
  );
  for (const mailbox of mailboxes) entomb(tx, { ...mailbox, account: id });
  db.run("INSERT INTO grave (kind, id) VALUES ('account', ?)", id);
  db.run("DELETE FROM subscription WHERE account_id = ?", id);
  db.run("DELETE FROM credential WHERE account_id = ?", id);
  db.run("DELETE FROM address WHERE account_id = ?", id);
  db.run("DELETE FROM account WHERE id = ?", id);
  return done;
}

export function changeAccount(tx: Transaction, { id, change }: Input<"changeAccount">): DirectoryResult {
  const flag = (value: boolean | undefined): number | null => (value === undefined ? null : Number(value));
  const changed = tx.db.run(
    `UPDATE account SET display_name = coalesce(?, display_name), quota_octets = coalesce(?, quota_octets),
       disabled = coalesce(?, disabled), administrator = coalesce(?, administrator),
       app_passwords_only = coalesce(?, app_passwords_only),
       legal_hold = coalesce(?, legal_hold) WHERE id = ?`,
    change.displayName ?? null,
    change.quota_octets ?? null,
    flag(change.disabled),
    flag(change.administrator),
    flag(change.appPasswordsOnly),
    flag(change.legalHold),
    id,
  );
  if (change.legalHold !== undefined) raiseRetentionVersion(tx);
  return changed > 0 ? done : refused("no-account");
}

export function putAddress(tx: Transaction, { localPart, domain, target }: AddressRow): DirectoryResult {
  if (!hasDomain(tx, domain)) return refused("no-domain");
  if (target.kind === "account" && !hasAccount(tx, target.account)) return refused("no-account");
  const own = ownAddressOf(tx, localPart, domain);
  if (own !== undefined && (target.kind === "alias" || target.account !== own)) return refused("in-use");
  tx.db.run(
    "INSERT OR REPLACE INTO address (domain, local_part, account_id, members) VALUES (?, ?, ?, ?)",
    domain,
    localPart,
    target.kind === "account" ? target.account : null,
    target.kind === "alias" ? JSON.stringify(target.members) : null,
  );
  return done;
}

/** An account's own address lives and dies with it. */
export function removeAddress(
  tx: Transaction,
  { localPart, domain }: Input<"removeAddress">,
): DirectoryResult {
  if (ownAddressOf(tx, localPart, domain) !== undefined) return refused("in-use");
  const removed = tx.db.run("DELETE FROM address WHERE domain = ? AND local_part = ?", domain, localPart);
  return removed > 0 ? done : refused("no-address");
}

export function putCredential(tx: Transaction, row: Input<"putCredential">): DirectoryResult<number> {
  const { db } = tx;
  if (!hasAccount(tx, row.account)) return refused("no-account");
  if (row.kind === "password") {
    db.run("DELETE FROM credential WHERE account_id = ? AND kind = 'password'", row.account);
  }
  const id = db.insert(
    `INSERT INTO credential (account_id, kind, name, hash, scram_iterations, scram_stored_key, scram_server_key,
       scopes, created_ms, last_used_ms) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    row.account,
    row.kind,
    row.name,
    row.hash,
    row.scram?.iterations ?? null,
    row.scram?.storedKey ?? null,
    row.scram?.serverKey ?? null,
    JSON.stringify(row.scopes),
    row.created_ms,
    row.lastUsed_ms ?? null,
  );
  return { ok: true, value: id };
}

export function removeCredential(
  tx: Transaction,
  { account, id }: Input<"removeCredential">,
): DirectoryResult {
  const removed = tx.db.run("DELETE FROM credential WHERE id = ? AND account_id = ?", id, account);
  return removed > 0 ? done : refused(hasAccount(tx, account) ? "no-address" : "no-account");
}

export function credentialUsed({ db }: Transaction, { id, at_ms }: Input<"credentialUsed">): void {
  db.run("UPDATE credential SET last_used_ms = ? WHERE id = ?", at_ms, id);
}

export function putSetting({ db }: Transaction, { name, value }: Input<"putSetting">): void {
  db.run("INSERT OR REPLACE INTO setting (name, value) VALUES (?, ?)", name, value);
}

export function putSigningKey(tx: Transaction, key: SigningKeyRow): DirectoryResult {
  if (!hasDomain(tx, key.domain)) return refused("no-domain");
  tx.db.run(
    `INSERT OR REPLACE INTO signing_key (domain, selector, algorithm, private_key, created_ms, active_ms, retired_ms)
     VALUES (?, ?, ?, ?, ?, ?, ?)`,
    key.domain,
    key.selector,
    key.algorithm,
    key.privateKey,
    key.created_ms,
    key.active_ms,
    key.retired_ms ?? null,
  );
  return done;
}

export const removeSigningKey = (
  { db }: Transaction,
  { domain, selector }: Input<"removeSigningKey">,
): boolean => db.run("DELETE FROM signing_key WHERE domain = ? AND selector = ?", domain, selector) > 0;

const hasDomain = ({ db }: Transaction, domain: string): boolean =>
  db.one("SELECT 1 FROM domain WHERE name = ?", domain) !== undefined;

const hasAccount = ({ db }: Transaction, id: AccountId): boolean =>
  db.one("SELECT 1 FROM account WHERE id = ?", id) !== undefined;

const ownAddressOf = ({ db }: Transaction, localPart: string, domain: string): AccountId | undefined =>
  db.one<{ id: AccountId }>("SELECT id FROM account WHERE login = ?", `${localPart}@${domain}`)?.id;

function splitLogin(login: string): { localPart: string; domain: string } {
  const at = login.lastIndexOf("@");
  return at < 0
    ? { localPart: login, domain: "" }
    : { localPart: login.slice(0, at), domain: login.slice(at + 1) };
}
