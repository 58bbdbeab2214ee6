import type { AccountId } from "../../base/mail-ids.ts";
import type {
  AccountRow,
  AddressRow,
  CredentialRow,
  DirectoryReads,
  RecipientRow,
  SigningKeyRow,
} from "../store.ts";
import type { Database } from "./database.ts";
import type { DirectoryMemory } from "./directory-memory.ts";
import type { Readers } from "./readers.ts";

/** Domains, accounts, addresses, credentials and settings as they are. */
export function directoryReads(readers: Readers, memory: DirectoryMemory): DirectoryReads {
  return {
    domains: () => readers.read(domainsOf),
    hasDomain: (domain) =>
      memory.answer("domain", domain, (db) => db.one(`${DOMAIN} AND name = ?`, domain) !== undefined),
    accounts: () =>
      readers.read((db) =>
        db.all<RawAccount>(`${ACCOUNT} WHERE domain <> '' ORDER BY login`).map(accountRow),
      ),
    account: (id) =>
      readers.read((db) => optional(db.one<RawAccount>(`${ACCOUNT} WHERE id = ?`, id), accountRow)),
    recipient: (id) =>
      memory.answer("account", id, (db) => optional(db.one<RawRecipient>(RECIPIENT, id), recipientRow)),
    accountByLogin: (login) =>
      readers.read((db) => optional(db.one<RawAccount>(`${ACCOUNT} WHERE login = ?`, login), accountRow)),
    address: (localPart, domain) =>
      memory.answer("address", `${localPart}@${domain}`, (db) =>
        optional(
          db.one<RawAddress>(`${ADDRESS} WHERE domain = ? AND local_part = ?`, domain, localPart),
          addressRow,
        ),
      ),
    addresses: (filter) => readers.read((db) => addressesOf(db, filter)),
    credentials: (account) =>
      readers.read((db) =>
        db
          .all<RawCredential>("SELECT * FROM credential WHERE account_id = ? ORDER BY id", account)
          .map(credentialRow),
      ),
    hasAccountWithoutScram: () => readers.read(hasAccountWithoutScram),
    setting: (name) =>
      readers.read(
        (db) => db.one<{ value: string }>("SELECT value FROM setting WHERE name = ?", name)?.value,
      ),
    signingKeys: (domain) => readers.read((db) => signingKeysOf(db, domain)),
  };
}

const optional = <Raw, Row>(raw: Raw | undefined, row: (raw: Raw) => Row): Row | undefined =>
  raw === undefined ? undefined : row(raw);

/** Accounts of the server itself are kept below a domain without a name. */
const DOMAIN = "SELECT name FROM domain WHERE name <> ''";

const domainsOf = (db: Database): string[] =>
  db.all<{ name: string }>(`${DOMAIN} ORDER BY name`).map(({ name }) => name);

type RawAccount = Omit<AccountRow, "disabled" | "administrator" | "appPasswordsOnly" | "legalHold"> & {
  disabled: number;
  administrator: number;
  appPasswordsOnly: number;
  legalHold: number;
};
const ACCOUNT = `SELECT id, login, display_name AS displayName, quota_octets, used_octets, disabled, administrator,
  app_passwords_only AS appPasswordsOnly, legal_hold AS legalHold, scram_salt AS scramSalt, created_ms FROM account`;

const accountRow = ({
  disabled,
  administrator,
  appPasswordsOnly,
  legalHold,
  ...row
}: RawAccount): AccountRow => ({
  ...row,
  disabled: disabled === 1,
  administrator: administrator === 1,
  appPasswordsOnly: appPasswordsOnly === 1,
  legalHold: legalHold === 1,
});

type RawRecipient = Omit<RecipientRow, "disabled"> & { readonly disabled: number };
const RECIPIENT = "SELECT login, quota_octets, disabled FROM account WHERE id = ?";
const recipientRow = ({ disabled, ...row }: RawRecipient): RecipientRow => ({
  ...row,
  disabled: disabled === 1,
});

type RawAddress = {
  local_part: string;
  domain: string;
  account_id: AccountId | null;
  members: string | null;
};
const ADDRESS = "SELECT local_part, domain, account_id, members FROM address";

const addressRow = ({ local_part, domain, account_id, members }: RawAddress): AddressRow => ({
  localPart: local_part,
  domain,
  target:
    account_id === null
      ? { kind: "alias", members: JSON.parse(members ?? "[]") as string[] }
      : { kind: "account", account: account_id },
});

function addressesOf(db: Database, filter: Parameters<DirectoryReads["addresses"]>[0] = {}): AddressRow[] {
  return db
    .all<RawAddress>(
      `${ADDRESS} WHERE (?1 IS NULL OR domain = ?1) AND (?2 IS NULL OR account_id = ?2) ORDER BY domain, local_part`,
      filter.domain ?? null,
      filter.account ?? null,
    )
    .map(addressRow);
}

type RawCredential = {
  id: number;
  account_id: AccountId;
  kind: CredentialRow["kind"];
  name: string;
  hash: string;
  scram_iterations: number | null;
  scram_stored_key: Uint8Array | null;
  scram_server_key: Uint8Array | null;
  scopes: string;
  created_ms: number;
  last_used_ms: number | null;
};

function credentialRow(row: RawCredential): CredentialRow {
  const { scram_iterations: iterations, scram_stored_key: storedKey, scram_server_key: serverKey } = row;
  return {
    id: row.id,
    account: row.account_id,
    kind: row.kind,
    name: row.name,
    hash: row.hash,
    ...(iterations !== null && storedKey && serverKey ? { scram: { iterations, storedKey, serverKey } } : {}),
    scopes: JSON.parse(row.scopes) as string[],
    created_ms: row.created_ms,
    ...(row.last_used_ms === null ? {} : { lastUsed_ms: row.last_used_ms }),
  };
}

function hasAccountWithoutScram(db: Database): boolean {
  const found = db.one(
    `SELECT 1 FROM account a WHERE disabled = 0
       AND EXISTS (SELECT 1 FROM credential c WHERE c.account_id = a.id)
       AND NOT EXISTS (SELECT 1 FROM credential c WHERE c.account_id = a.id AND c.scram_iterations IS NOT NULL)
     LIMIT 1`,
  );
  return found !== undefined;
}

type RawSigningKey = Omit<SigningKeyRow, "retired_ms"> & { readonly retired_ms: number | null };

const signingKeysOf = (db: Database, domain: string | undefined): SigningKeyRow[] =>
  db
    .all<RawSigningKey>(
      `SELECT domain, selector, algorithm, private_key AS privateKey, created_ms, active_ms, retired_ms
       FROM signing_key WHERE ?1 IS NULL OR domain = ?1 ORDER BY domain, created_ms, selector`,
      domain ?? null,
    )
    .map(({ retired_ms, ...row }) => (retired_ms === null ? row : { ...row, retired_ms }));
