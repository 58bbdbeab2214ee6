import { asciiLower } from "../base/ascii.ts";
import { parseDomain } from "../base/domain-name.ts";
import type { AccountId } from "../base/mail-ids.ts";
import type { EnvelopeAddress } from "../smtp/address.ts";
import type { AccountRow, AddressRow, Store } from "../store/store.ts";
import type { Addresses, Resolution } from "./contract.ts";

/** Separates a user from a detail: `user+detail@domain` (E-33, RFC 5233). */
const SEPARATOR = "+";
const CATCH_ALL = "*";
/** Role addresses every domain has (T-07, RFC 2142; G-26). */
const ROLES: ReadonlySet<string> = new Set(["postmaster", "abuse"]);
/** An alias of aliases of aliases; deeper is a mistake. */
const DEPTH_MAX = 10;
const MEMBERS_MAX = 1_000;

type Mailbox = { readonly localPart: string; readonly domain: string };
type Found = { readonly row: AddressRow; readonly detail: string | undefined };
type Expansion = {
  readonly accounts: Map<AccountId, { login: string; detail?: string }>;
  readonly remote: Set<string>;
  readonly seen: Set<string>;
};

/** What addresses mean, out of the store's directory. */
export function addresses(store: Store): Addresses {
  return {
    isLocalDomain: (domain) => store.directory.hasDomain(domain),
    resolve: (address) => resolve(store, address),
    owns: (account, address) => owns(store, account, address),
  };
}

async function resolve(store: Store, address: EnvelopeAddress): Promise<Resolution> {
  // The bare <Postmaster> belongs to no domain (RFC 5321 §4.5.1).
  if (address.domain === "") return roleResolution(store);
  if (!(await store.directory.hasDomain(address.domain))) return { kind: "foreign" };
  const mailbox = { localPart: normal(address.localPart), domain: address.domain };
  const found = await find(store, mailbox);
  if (found === undefined) return ROLES.has(mailbox.localPart) ? roleResolution(store) : { kind: "unknown" };
  const expansion: Expansion = { accounts: new Map(), remote: new Set(), seen: new Set() };
  const broken = await expand(store, found, expansion, 0);
  if (broken !== undefined) return { kind: "broken", detail: broken };
  return resolutionOf(store, expansion);
}

const normal = (localPart: string): string => localPart.normalize("NFC").toLowerCase();

/** Exact address, then without its detail, then the catch-all. */
async function find(store: Store, { localPart, domain }: Mailbox): Promise<Found | undefined> {
  const exact = await store.directory.address(localPart, domain);
  if (exact) return { row: exact, detail: undefined };
  const at = localPart.indexOf(SEPARATOR);
  if (at > 0) {
    const base = await store.directory.address(localPart.slice(0, at), domain);
    if (base) return { row: base, detail: localPart.slice(at + 1) };
  }
  // postmaster@ and abuse@ never fall into a catch-all by accident: they have an owner.
  const rest = ROLES.has(localPart) ? undefined : await store.directory.address(CATCH_ALL, domain);
  return rest && { row: rest, detail: undefined };
}

/** Follows aliases; the returned text says why it cannot be done. */
async function expand(
  store: Store,
  { row, detail }: Found,
  into: Expansion,
  depth: number,
): Promise<string | undefined> {
  const key = `${row.localPart}@${row.domain}`;
  if (into.seen.has(key)) return undefined;
  into.seen.add(key);
  if (row.target.kind === "account") {
    into.accounts.set(row.target.account, { login: key, ...(detail === undefined ? {} : { detail }) });
    return undefined;
  }
  if (depth >= DEPTH_MAX) return `aliases of ${key} are nested deeper than ${DEPTH_MAX}`;
  for (const member of row.target.members) {
    const problem = await expandMember(store, member, into, depth);
    if (problem !== undefined) return problem;
    if (into.accounts.size + into.remote.size > MEMBERS_MAX)
      return `${key} leads to more than ${MEMBERS_MAX} recipients`;
  }
  return undefined;
}

async function expandMember(
  store: Store,
  member: string,
  into: Expansion,
  depth: number,
): Promise<string | undefined> {
  const at = member.lastIndexOf("@");
  const domain = parseDomain(member.slice(at + 1));
  if (at < 1 || domain === undefined) return `${member} is not an address`;
  if (!(await store.directory.hasDomain(domain))) {
    into.remote.add(`${member.slice(0, at)}@${domain}`);
    return undefined;
  }
  const found = await find(store, { localPart: normal(member.slice(0, at)), domain });
  return found === undefined ? `${member} does not exist` : expand(store, found, into, depth + 1);
}

async function resolutionOf(store: Store, { accounts, remote }: Expansion): Promise<Resolution> {
  const enabled = [];
  for (const [account, { detail }] of accounts) {
    const row = await store.directory.account(account);
    if (row && !row.disabled)
      enabled.push({ account, login: row.login, ...(detail === undefined ? {} : { detail }) });
  }
  if (enabled.length + remote.size > 0) return { kind: "local", accounts: enabled, remote: [...remote] };
  return accounts.size > 0 ? { kind: "disabled" } : { kind: "broken", detail: "the alias has no members" };
}

/** Mail for postmaster@ and abuse@ goes to the administrators, or to the oldest account where there is none. */
async function roleResolution(store: Store): Promise<Resolution> {
  const usable = (await store.directory.accounts())
    .filter((account) => !account.disabled)
    .sort((a, b) => a.created_ms - b.created_ms);
  const administrators = usable.filter((account) => account.administrator);
  const chosen: readonly AccountRow[] = administrators.length > 0 ? administrators : usable.slice(0, 1);
  if (chosen.length === 0) return { kind: "unknown" };
  return { kind: "local", accounts: chosen.map(({ id, login }) => ({ account: id, login })), remote: [] };
}

/** A catch-all receives and does not own: nobody sends as an address that merely falls to him (D-24). */
async function owns(store: Store, account: AccountId, address: EnvelopeAddress): Promise<boolean> {
  if (!(await store.directory.hasDomain(address.domain))) return false;
  const found = await find(store, { localPart: normal(address.localPart), domain: address.domain });
  if (found === undefined) return ROLES.has(normal(address.localPart)) && (await servesRoles(store, account));
  if (found.row.localPart === CATCH_ALL) return false;
  const expansion: Expansion = { accounts: new Map(), remote: new Set(), seen: new Set() };
  await expand(store, found, expansion, 0);
  return expansion.accounts.has(account);
}

async function servesRoles(store: Store, account: AccountId): Promise<boolean> {
  const roles = await roleResolution(store);
  return roles.kind === "local" && roles.accounts.some((entry) => entry.account === account);
}

/** A login name as it is stored: an address in lower case with its domain in A-labels. */
export function parseLogin(text: string): Mailbox | undefined {
  const at = text.lastIndexOf("@");
  const domain = parseDomain(text.slice(at + 1));
  const localPart = normal(text.slice(0, at));
  const good =
    at > 0 && domain !== undefined && /^[^\s"(),:;<>@[\\\]\u0000-\u001f\u007f+*]{1,64}$/.test(localPart);
  return good ? { localPart, domain: asciiLower(domain) } : undefined;
}
