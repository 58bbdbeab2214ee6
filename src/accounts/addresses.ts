import { parseDomain } from "../base/domain-name.ts";
import { whenHere, type Soon } from "../base/soon.ts";
import type { AccountId } from "../base/mail-ids.ts";
import type { EnvelopeAddress } from "../smtp/address.ts";
import type { AccountRow, AddressRow, Store } from "../store/store.ts";
import type { Addresses, Resolution } from "./contract.ts";
import { foldLocalPart, splitAddress } from "./login-name.ts";

/** Separates a user from a detail: `user+detail@domain` (E-33, RFC 5233). */
const SEPARATOR = "+";
const CATCH_ALL = "*";
/** Role addresses every domain has (T-07, RFC 2142; G-26). */
const ROLES: ReadonlySet<string> = new Set(["postmaster", "abuse"]);
/** An alias of aliases of aliases; deeper is a mistake. */
const DEPTH_MAX = 10;
/** Addresses one recipient may lead to, aliases on the way included: more is a mailing list and wants list software. */
const ADDRESSES_MAX = 1_000;

type Mailbox = { readonly localPart: string; readonly domain: string };
type Found = { readonly row: AddressRow; readonly detail: string | undefined };
type Expansion = {
  /** With the detail of the subaddress, where there is one. */
  readonly accounts: Map<AccountId, string | undefined>;
  readonly remote: Set<string>;
  readonly seen: Set<string>;
};

/**
 * What addresses mean, out of the store's directory. What RCPT learned of an address holds to the end of its DATA: the
 * same object is not looked up twice, and what was promised is what is planned.
 */
export function addresses(store: Store): Addresses {
  const resolved = new WeakMap<EnvelopeAddress, Soon<Resolution>>();
  return {
    isLocalDomain: (domain) => store.directory.hasDomain(parseDomain(domain) ?? domain),
    resolve(address) {
      const known = resolved.get(address);
      if (known !== undefined) return known;
      const resolution = resolve(store, address);
      resolved.set(address, resolution);
      if (!(resolution instanceof Promise)) return resolution;
      // From then on it is here. What failed is asked again by nobody: the transaction ends.
      void resolution.then(
        (found) => resolved.set(address, found),
        () => {},
      );
      return resolution;
    },
    owns: (account, address) => owns(store, account, address),
  };
}

function resolve(store: Store, address: EnvelopeAddress): Soon<Resolution> {
  // The bare <Postmaster> belongs to no domain (RFC 5321 §4.5.1).
  if (address.domain === "") return roleResolution(store);
  return whenHere(store.directory.hasDomain(address.domain), (isOurs) => {
    if (!isOurs) return { kind: "foreign" };
    const mailbox = { localPart: foldLocalPart(address.localPart), domain: address.domain };
    return whenHere(ownAddress(store, mailbox), (found) => found ?? resolveFurther(store, mailbox));
  });
}

/** What almost every recipient is: an address of one account that can have mail. It is known without waiting. */
const ownAddress = (store: Store, { localPart, domain }: Mailbox): Soon<Resolution | undefined> =>
  whenHere(store.directory.address(localPart, domain), (row) => {
    if (row?.target.kind !== "account") return undefined;
    const { account } = row.target;
    return whenHere(store.directory.recipient(account), (known) =>
      known === undefined || known.disabled
        ? undefined
        : { kind: "local", accounts: [{ account, login: known.login }], remote: [] },
    );
  });

async function resolveFurther(store: Store, mailbox: Mailbox): Promise<Resolution> {
  const resolution = await resolveLocal(store, mailbox);
  // postmaster@ and abuse@ reach somebody whatever has become of their own address (T-07, G-26).
  return ROLES.has(mailbox.localPart) && resolution.kind !== "local" ? roleResolution(store) : resolution;
}

async function resolveLocal(store: Store, mailbox: Mailbox): Promise<Resolution> {
  const found = await find(store, mailbox);
  if (found === undefined) return { kind: "unknown" };
  const expansion = newExpansion();
  const broken = await expand(store, found, expansion, 0);
  return broken === undefined ? resolutionOf(store, expansion) : { kind: "broken", detail: broken };
}

const newExpansion = (): Expansion => ({ accounts: new Map(), remote: new Set(), seen: new Set() });

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

/**
 * Follows aliases; the returned text says why it cannot be done. An address met twice is followed once, so that a circle
 * ends; a member that is gone is passed over, so that the others still get their mail.
 */
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
    into.accounts.set(row.target.account, detail);
    return undefined;
  }
  if (depth >= DEPTH_MAX) return `aliases of ${key} are nested deeper than ${DEPTH_MAX}`;
  for (const member of row.target.members) {
    const problem = await expandMember(store, member, into, depth);
    if (problem !== undefined) return problem;
    if (into.seen.size + into.remote.size > ADDRESSES_MAX)
      return `${key} leads to more than ${ADDRESSES_MAX} addresses`;
  }
  return undefined;
}

async function expandMember(
  store: Store,
  member: string,
  into: Expansion,
  depth: number,
): Promise<string | undefined> {
  const mailbox = splitAddress(member);
  if (mailbox === undefined) return `${member} is not an address`;
  if (!(await store.directory.hasDomain(mailbox.domain))) {
    into.remote.add(`${member.slice(0, member.lastIndexOf("@"))}@${mailbox.domain}`);
    return undefined;
  }
  const found = await find(store, mailbox);
  if (found !== undefined) return expand(store, found, into, depth + 1);
  if (ROLES.has(mailbox.localPart)) {
    for (const { id } of await keepersOfRoles(store)) into.accounts.set(id, undefined);
  }
  return undefined;
}

async function resolutionOf(store: Store, { accounts, remote }: Expansion): Promise<Resolution> {
  const enabled = [];
  for (const [account, detail] of accounts) {
    const row = await store.directory.recipient(account);
    if (row && !row.disabled)
      enabled.push({ account, login: row.login, ...(detail === undefined ? {} : { detail }) });
  }
  if (enabled.length + remote.size > 0) return { kind: "local", accounts: enabled, remote: [...remote] };
  if (accounts.size > 0) return { kind: "disabled" };
  return {
    kind: "broken",
    detail: "the alias leads to nobody: to itself, or to addresses that do not exist",
  };
}

async function roleResolution(store: Store): Promise<Resolution> {
  const keepers = await keepersOfRoles(store);
  if (keepers.length === 0) return { kind: "unknown" };
  return { kind: "local", accounts: keepers.map(({ id, login }) => ({ account: id, login })), remote: [] };
}

/** Mail for postmaster@ and abuse@ goes to the administrators, or to the oldest account where there is none. */
async function keepersOfRoles(store: Store): Promise<readonly AccountRow[]> {
  const usable = (await store.directory.accounts())
    .filter(({ disabled }) => !disabled)
    .toSorted((a, b) => a.created_ms - b.created_ms || a.id - b.id);
  const administrators = usable.filter(({ administrator }) => administrator);
  return administrators.length > 0 ? administrators : usable.slice(0, 1);
}

/** A catch-all receives and does not own: nobody sends as an address that merely falls to him (D-24). */
async function owns(store: Store, account: AccountId, address: EnvelopeAddress): Promise<boolean> {
  if (!(await store.directory.hasDomain(address.domain))) return false;
  const mailbox = { localPart: foldLocalPart(address.localPart), domain: address.domain };
  const found = await find(store, mailbox);
  if (found === undefined) {
    const keepers = ROLES.has(mailbox.localPart) ? await keepersOfRoles(store) : [];
    return keepers.some(({ id }) => id === account);
  }
  if (found.row.localPart === CATCH_ALL) return false;
  const expansion = newExpansion();
  await expand(store, found, expansion, 0);
  return expansion.accounts.has(account);
}
