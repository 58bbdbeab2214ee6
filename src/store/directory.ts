/** Domains, accounts, addresses, credentials, keys, settings. */
import type { AccountId } from "../base/mail-ids.ts";
import type { Soon } from "../base/soon.ts";
import type { SpecialUse } from "./mail.ts";

export type AccountRow = {
  readonly id: AccountId;
  /** Login name, an address, lower case: `you@example.org`. Without @: an account of the server itself, with no address. */
  readonly login: string;
  readonly displayName: string;
  /** Octets; 0: no limit. */
  readonly quota_octets: number;
  /** Octets of all messages in all mailboxes, kept as a counter. */
  readonly used_octets: number;
  readonly disabled: boolean;
  readonly administrator: boolean;
  /** Its own password opens no mail protocol; app passwords do. */
  readonly appPasswordsOnly: boolean;
  /** Nothing of it expires, and it cannot be removed. */
  readonly legalHold: boolean;
  /** Salt shared by this account's SCRAM verifiers. */
  readonly scramSalt: Uint8Array;
  readonly created_ms: number;
};

/** What a delivery asks of an account. */
export type RecipientRow = Pick<AccountRow, "login" | "quota_octets" | "disabled">;

/** What an address means. Local parts are stored lower case; `*` is the catch-all of its domain. */
export type AddressRow = {
  readonly localPart: string;
  readonly domain: string;
  readonly target:
    | { readonly kind: "account"; readonly account: AccountId }
    /** Addresses, local or remote, each delivered to. */
    | { readonly kind: "alias"; readonly members: readonly string[] };
};

export type CredentialRow = {
  readonly id: number;
  readonly account: AccountId;
  /** `password`: argon2id PHC string, at most one per account. `app`: hash of a random secret, with SCRAM keys. */
  readonly kind: "password" | "app";
  readonly name: string;
  /** PHC string (`$argon2id$…` or `$sha256$salt$hash`). */
  readonly hash: string;
  readonly scram?: {
    readonly iterations: number;
    readonly storedKey: Uint8Array;
    readonly serverKey: Uint8Array;
  };
  /** Protocols it works for; empty: all. */
  readonly scopes: readonly string[];
  readonly created_ms: number;
  readonly lastUsed_ms?: number;
};

/** A key that signs for a domain (RFC 6376 §3.1). Never logged; leaves the store only to sign or to be exported. */
export type SigningKeyRow = {
  readonly domain: string;
  readonly selector: string;
  readonly algorithm: "rsa-sha256" | "ed25519-sha256";
  /** PKCS#8 PEM. */
  readonly privateKey: string;
  readonly created_ms: number;
  /** Signs from here on; before, it is only published. */
  readonly active_ms: number;
  /** Stops signing; stays published until removed. */
  readonly retired_ms?: number;
};

/** `hasDomain`, `address` and `recipient` see what another process has changed within 50 ms, the rest sees the last commit. */
export interface DirectoryReads {
  domains(): Promise<readonly string[]>;
  hasDomain(domain: string): Soon<boolean>;
  /** Of people; an account of the server itself is found by its id or login alone. */
  accounts(): Promise<readonly AccountRow[]>;
  account(id: AccountId): Promise<AccountRow | undefined>;
  recipient(id: AccountId): Soon<RecipientRow | undefined>;
  accountByLogin(login: string): Promise<AccountRow | undefined>;
  /** Exact match only; subaddresses and catch-all are the caller's judgement. */
  address(localPart: string, domain: string): Soon<AddressRow | undefined>;
  addresses(filter?: {
    readonly domain?: string;
    readonly account?: AccountId;
  }): Promise<readonly AddressRow[]>;
  credentials(account: AccountId): Promise<readonly CredentialRow[]>;
  /** True while some enabled account has only a credential without SCRAM keys. */
  hasAccountWithoutScram(): Promise<boolean>;
  /** Server-wide values that must survive a restart: keys made at first start, dates. */
  setting(name: string): Promise<string | undefined>;
  /** All keys, or those of one domain; oldest first within a domain. */
  signingKeys(domain?: string): Promise<readonly SigningKeyRow[]>;
}

export type DirectoryRefusal = "exists" | "no-domain" | "no-account" | "no-address" | "in-use" | "on-hold";
export type DirectoryResult<T = void> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly error: DirectoryRefusal };

export interface DirectoryWrites {
  addDomain(domain: string): Promise<DirectoryResult>;
  /** Refuses `in-use` while addresses or accounts of the domain exist. Its signing keys go with it. */
  removeDomain(domain: string): Promise<DirectoryResult>;
  /** Makes the account, its own address, and the mailboxes named, all in one commit. */
  addAccount(account: NewAccount): Promise<DirectoryResult<AccountId>>;
  /** Removes the account with its mail, addresses and credentials; refuses `on-hold` under legal hold. */
  removeAccount(id: AccountId): Promise<DirectoryResult>;
  changeAccount(id: AccountId, change: AccountChange): Promise<DirectoryResult>;
  /** Adds or replaces. */
  putAddress(address: AddressRow): Promise<DirectoryResult>;
  removeAddress(localPart: string, domain: string): Promise<DirectoryResult>;
  /** A second `password` replaces the first. */
  putCredential(credential: Omit<CredentialRow, "id">): Promise<DirectoryResult<number>>;
  removeCredential(account: AccountId, id: number): Promise<DirectoryResult>;
  credentialUsed(id: number, at_ms: number): Promise<void>;
  putSetting(name: string, value: string): Promise<void>;
  /** Adds or replaces the key of this domain and selector. */
  putSigningKey(key: SigningKeyRow): Promise<DirectoryResult>;
  /** False when there was none. */
  removeSigningKey(domain: string, selector: string): Promise<boolean>;
}

export type NewAccount = Pick<
  AccountRow,
  "login" | "displayName" | "quota_octets" | "administrator" | "scramSalt"
> & {
  readonly created_ms: number;
  readonly mailboxes: readonly {
    readonly name: string;
    readonly specialUse?: SpecialUse;
    readonly keepDays?: number;
  }[];
};
export type AccountChange = Partial<
  Pick<
    AccountRow,
    "displayName" | "quota_octets" | "disabled" | "administrator" | "appPasswordsOnly" | "legalHold"
  >
>;
