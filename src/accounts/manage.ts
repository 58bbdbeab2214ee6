import { randomBytes } from "node:crypto";
import type { Clock } from "../base/clock.ts";
import { DEFAULT_MAILBOXES } from "../base/default-mailboxes.ts";
import { parseDomain } from "../base/domain-name.ts";
import type { AccountId } from "../base/mail-ids.ts";
import { OperatorError } from "../base/operator-error.ts";
import { err, ok, type Result } from "../base/result.ts";
import { Secret } from "../base/secret.ts";
import type { AccountRow, CredentialRow, DirectoryRefusal, DirectoryResult, Store } from "../store/store.ts";
import { canonicalLogin, foldLocalPart, parseLogin } from "./login-name.ts";
import { generatePassword, SCRAM_SALT_OCTETS } from "./app-password.ts";
import { commonPasswords } from "./common-passwords.ts";
import { isForeignHash } from "./foreign-hash.ts";
import { hashPassword, type HashCost } from "./password-hash.ts";
import { checkPassword } from "./password-rules.ts";
import { ensureSigningKeys } from "./signing-keys.ts";

/** What an operator does with domains, accounts and addresses; the command line and later the console call it. */
export type Managing = { readonly store: Store; readonly clock: Clock; readonly cost: HashCost };
type Done<T> = Promise<Result<T, OperatorError>>;

/** A password a person chose, or one the server makes. */
export type PasswordChoice =
  | { readonly kind: "generate" }
  | { readonly kind: "chosen"; readonly password: Secret };
/** Or the hash of another server (`foreignHash`), good for one login; or none, so that nobody can log in. */
export type FirstPassword =
  | PasswordChoice
  | { readonly kind: "taken-over"; readonly hash: string }
  | { readonly kind: "none" };
/** Set only when the server made it: to be shown once. */
export type PasswordMade = { readonly generated?: Secret };

const fail = (code: string, message: string, remedy: string): Result<never, OperatorError> =>
  err(new OperatorError(code, message, remedy));

export async function addDomain(managing: Managing, name: string): Done<{ readonly domain: string }> {
  const { store } = managing;
  const domain = parseDomain(name);
  if (domain === undefined || !domain.includes("."))
    return fail("bad-domain", `${name} is not a domain name.`, "A domain looks like example.org.");
  const added = await store.directory.addDomain(domain);
  if (added.ok) await ensureSigningKeys(managing, domain);
  return translated(added, domain, { domain });
}

export async function removeDomain({ store }: Managing, name: string): Done<{ readonly domain: string }> {
  const domain = parseDomain(name) ?? name;
  return translated(await store.directory.removeDomain(domain), domain, { domain });
}

export type NewAccountChoice = {
  readonly login: string;
  readonly password: FirstPassword;
  readonly displayName: string;
  readonly quota_octets: number;
  readonly administrator: boolean;
};

/** Makes an account that can be used at once: address, mailboxes, password (F-01 to F-06; no default password, S-09). */
export async function addAccount(
  managing: Managing,
  choice: NewAccountChoice,
): Done<PasswordMade & { readonly id: AccountId; readonly login: string }> {
  const mailbox = parseLogin(choice.login);
  if (mailbox === undefined)
    return fail(
      "bad-login",
      `${choice.login} cannot be a login name.`,
      "A login name is an address like anna@example.org, without + and quotes.",
    );
  const login = `${mailbox.localPart}@${mailbox.domain}`;
  const scramSalt = randomBytes(SCRAM_SALT_OCTETS);
  const credential = await firstCredential(managing, choice.password, {
    login,
    displayName: choice.displayName,
    scramSalt,
  });
  if (!credential.ok) return credential;
  const { displayName, quota_octets, administrator } = choice;
  const created_ms = managing.clock.now();
  const made = await managing.store.directory.addAccount({
    login,
    displayName,
    quota_octets,
    administrator,
    scramSalt,
    created_ms,
    mailboxes: DEFAULT_MAILBOXES,
  });
  if (!made.ok) return translated(made, login, undefined as never);
  if (credential.value.row === undefined) return ok({ id: made.value, login });
  const put = await managing.store.directory.putCredential({
    account: made.value,
    kind: "password",
    name: "password",
    scopes: [],
    created_ms,
    ...credential.value.row,
  });
  if (!put.ok) return translated(put, login, undefined as never);
  return ok({ id: made.value, login, ...credential.value.made });
}

/** Removes the account with its mail, its own address and its credentials. */
export async function removeAccount(managing: Managing, login: string): Done<{ readonly login: string }> {
  const account = await accountOf(managing, login);
  if (!account.ok) return account;
  const removed = await managing.store.directory.removeAccount(account.value.id);
  return translated(removed, account.value.login, { login: account.value.login });
}

export async function setPassword(
  managing: Managing,
  login: string,
  choice: PasswordChoice,
): Done<PasswordMade> {
  const account = await accountOf(managing, login);
  if (!account.ok) return account;
  const credential = await credentialFor(managing, choice, account.value);
  if (!credential.ok) return credential;
  const row = {
    account: account.value.id,
    kind: "password" as const,
    name: "password",
    scopes: [],
    created_ms: managing.clock.now(),
  };
  const put = await managing.store.directory.putCredential({ ...row, ...credential.value.row });
  return translated(put, account.value.login, credential.value.made);
}

const PROTOCOLS: ReadonlySet<string> = new Set(["smtp", "imap", "pop3"]);

/** A password for one device or program; with `scopes` for some protocols only (F-09). */
export async function addAppPassword(
  managing: Managing,
  login: string,
  name: string,
  scopes: readonly string[],
): Done<{ readonly id: number; readonly generated: Secret }> {
  const account = await accountOf(managing, login);
  if (!account.ok) return account;
  const strange = scopes.find((scope) => !PROTOCOLS.has(scope));
  if (strange !== undefined)
    return fail("bad-scope", `${strange} is not a protocol.`, `Protocols are ${[...PROTOCOLS].join(", ")}.`);
  const { password, hash, scram } = await generatePassword(account.value.scramSalt);
  const row = {
    account: account.value.id,
    kind: "app" as const,
    name,
    hash,
    scram,
    scopes,
    created_ms: managing.clock.now(),
  };
  const id = await managing.store.directory.putCredential(row);
  return id.ok ? ok({ id: id.value, generated: password }) : translated(id, login, undefined as never);
}

export type AppPassword = Pick<CredentialRow, "id" | "name" | "scopes" | "created_ms" | "lastUsed_ms">;

/** What can be shown of an account's app passwords: never the hashes. */
export async function appPasswords(managing: Managing, login: string): Done<readonly AppPassword[]> {
  const account = await accountOf(managing, login);
  if (!account.ok) return account;
  const rows = await managing.store.directory.credentials(account.value.id);
  const apps = rows.filter(({ kind }) => kind === "app");
  return ok(
    apps.map(({ id, name, scopes, created_ms, lastUsed_ms }) => ({
      id,
      name,
      scopes,
      created_ms,
      ...(lastUsed_ms === undefined ? {} : { lastUsed_ms }),
    })),
  );
}

export async function removeAppPassword(
  managing: Managing,
  login: string,
  id: number,
): Done<{ readonly id: number }> {
  const account = await accountOf(managing, login);
  if (!account.ok) return account;
  const credentials = await managing.store.directory.credentials(account.value.id);
  if (!credentials.some((credential) => credential.id === id && credential.kind === "app")) {
    return fail(
      "no-app-password",
      `${login} has no app password ${id}.`,
      `\`wachpost account app-password list ${login}\` shows them.`,
    );
  }
  return translated(await managing.store.directory.removeCredential(account.value.id, id), login, { id });
}

/** Adds an alias or replaces its members. `*@domain` is the catch-all. */
export async function putAlias(
  { store }: Managing,
  address: string,
  members: readonly string[],
): Done<{ readonly address: string }> {
  const at = address.lastIndexOf("@");
  const domain = parseDomain(address.slice(at + 1));
  const catchAll = address.slice(0, at) === "*";
  const mailbox = catchAll && domain !== undefined ? { localPart: "*", domain } : parseLogin(address);
  if (mailbox === undefined)
    return fail(
      "bad-address",
      `${address} cannot be an alias.`,
      "An alias is an address like sales@example.org, or *@example.org for a catch-all.",
    );
  const existing = await store.directory.address(mailbox.localPart, mailbox.domain);
  if (existing?.target.kind === "account")
    return fail(
      "exists",
      `${address} belongs to an account.`,
      "Aliases cannot take an account's own address.",
    );
  const bad = members.find(
    (member) =>
      member.lastIndexOf("@") < 1 || parseDomain(member.slice(member.lastIndexOf("@") + 1)) === undefined,
  );
  if (bad !== undefined || members.length === 0)
    return fail(
      "bad-address",
      `${bad ?? "nothing"} is not an address an alias can lead to.`,
      "Name at least one address.",
    );
  const row = { ...mailbox, target: { kind: "alias" as const, members: [...members] } };
  return translated(await store.directory.putAddress(row), address, {
    address: `${mailbox.localPart}@${mailbox.domain}`,
  });
}

export async function removeAlias({ store }: Managing, address: string): Done<{ readonly address: string }> {
  const at = address.lastIndexOf("@");
  const domain = parseDomain(address.slice(at + 1)) ?? "";
  const localPart = foldLocalPart(address.slice(0, at));
  const row = await store.directory.address(localPart, domain);
  if (row?.target.kind === "account")
    return fail(
      "in-use",
      `${address} is an account's own address.`,
      `\`wachpost account remove ${address}\` removes the account.`,
    );
  return translated(await store.directory.removeAddress(localPart, domain), address, { address });
}

export async function accountOf({ store }: Managing, login: string): Done<AccountRow> {
  const row = await store.directory.accountByLogin(canonicalLogin(login));
  return row
    ? ok(row)
    : fail("no-account", `There is no account ${login}.`, "`wachpost account list` shows them.");
}

type CredentialParts = {
  readonly hash: string;
  readonly scram?: {
    readonly iterations: number;
    readonly storedKey: Uint8Array;
    readonly serverKey: Uint8Array;
  };
};

/** Accounts that still have another server's hash: their people have not logged in since they came. */
export async function accountsWithOldHash({
  store,
}: Pick<Managing, "store">): Promise<ReadonlySet<AccountId>> {
  const accounts = await store.directory.accounts();
  const rows = await Promise.all(accounts.map(({ id }) => store.directory.credentials(id)));
  return new Set(rows.flat().flatMap(({ account, hash }) => (isForeignHash(hash) ? [account] : [])));
}

/** What the first credential of an account is to be; no row where it has none. */
async function firstCredential(
  managing: Managing,
  choice: FirstPassword,
  owner: Pick<AccountRow, "login" | "displayName" | "scramSalt">,
): Done<{ readonly row?: CredentialParts; readonly made: PasswordMade }> {
  if (choice.kind === "none") return ok({ made: {} });
  if (choice.kind === "taken-over") return ok({ row: { hash: choice.hash }, made: {} });
  return credentialFor(managing, choice, owner);
}

async function credentialFor(
  { cost }: Managing,
  choice: PasswordChoice,
  { login, displayName, scramSalt }: Pick<AccountRow, "login" | "displayName" | "scramSalt">,
): Done<{ readonly row: CredentialParts; readonly made: PasswordMade }> {
  if (choice.kind === "generate") {
    const { password, hash, scram } = await generatePassword(scramSalt);
    return ok({ row: { hash, scram }, made: { generated: password } });
  }
  const checked = checkPassword(choice.password.reveal(), [login, displayName], await commonPasswords());
  if (!checked.ok)
    return fail(
      checked.error.reason,
      checked.error.text,
      "Choose another, or let the server make one with --generate.",
    );
  return ok({ row: { hash: await hashPassword(new Secret(checked.value), cost) }, made: {} });
}

const REFUSALS: Record<DirectoryRefusal, readonly [message: string, remedy: string]> = {
  exists: ["exists already", "Choose another name, or change the one that is there."],
  "no-domain": ["belongs to no domain of this server", "Add the domain first: `wachpost domain add DOMAIN`."],
  "no-account": ["is no account here", "`wachpost account list` shows them."],
  "no-address": ["is no address here", "`wachpost address list` shows them."],
  "in-use": ["is still in use", "Remove its accounts and addresses first."],
  "on-hold": [
    "is under legal hold: nothing of it may be removed",
    "Whoever ordered the hold must end it first: `wachpost account retention LOGIN --release`.",
  ],
};

function translated<T>(result: DirectoryResult<unknown>, name: string, value: T): Result<T, OperatorError> {
  if (result.ok) return ok(value);
  const [message, remedy] = REFUSALS[result.error];
  return fail(result.error, `${name} ${message}.`, remedy);
}
