import { OperatorError } from "../base/operator-error.ts";
import { foldKey } from "../journal/entry.ts";
import type { AccountRow, AddressRow, JournalEntry, QueueEntry, Store } from "../store/store.ts";
import { heldBack } from "./retention.ts";

/** What the server holds about a person beside the mail itself (GDPR articles 15, 17, 20). */
export type PersonalData = {
  readonly account: AccountRow;
  readonly mailboxes: Awaited<ReturnType<Store["mail"]["mailboxes"]>>;
  readonly subscriptions: readonly string[];
  /** Addresses that deliver to the account. */
  readonly addresses: readonly AddressRow[];
  /** Aliases that name one of its addresses. */
  readonly aliases: readonly AddressRow[];
  readonly credentials: Awaited<ReturnType<Store["directory"]["credentials"]>>;
  /** Its mail that waits to go out. */
  readonly queued: readonly QueueEntry[];
  /** Entries of access tables whose key is one of its addresses. */
  readonly accessEntries: readonly { readonly table: string; readonly key: string; readonly value: string }[];
  /** Records that name one of its addresses, oldest first. */
  readonly journal: readonly JournalEntry[];
};

export async function personalData(store: Store, account: AccountRow, now_ms: number): Promise<PersonalData> {
  const { directory, mail } = store;
  const all = await directory.addresses();
  const addresses = all.filter(({ target }) => target.kind === "account" && target.account === account.id);
  const texts = new Set([account.login, ...addresses.map(textOf)]);
  const aliases = all.filter(
    ({ target }) =>
      target.kind === "alias" && target.members.some((member) => texts.has(member.toLowerCase())),
  );
  const queued = await store.queue.queued();
  return {
    account,
    mailboxes: await mail.mailboxes(account.id),
    subscriptions: await mail.subscriptions(account.id),
    addresses,
    aliases,
    credentials: await directory.credentials(account.id),
    queued: queued.filter(({ submitter }) => submitter === account.login),
    accessEntries: await accessEntriesOf(store, texts, now_ms),
    journal: await recordsOf(store, texts),
  };
}

const textOf = ({ localPart, domain }: AddressRow): string => `${localPart}@${domain}`;

async function accessEntriesOf(
  store: Store,
  addresses: ReadonlySet<string>,
  now_ms: number,
): Promise<PersonalData["accessEntries"]> {
  const keys = new Set([...addresses].map(foldKey));
  const found: { table: string; key: string; value: string }[] = [];
  for (const table of await store.tables.accessTables())
    for (const { key, value } of await store.tables.accessEntries(table, now_ms))
      // The greylist's keys are a network, a sender and a recipient.
      if (key.split(" ").some((part) => keys.has(part))) found.push({ table, key, value });
  return found;
}

const literally = (text: string): string => text.replace(/[.*+?^${}()|[\]\\/-]/g, "\\$&");

/** Octets of an address that others must not touch: `anna@…` is not part of `hanna@…`. */
const ADDRESS_OCTET = "[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]";

/** Records that name one of the addresses, with or without a part behind `+`, as a key or anywhere inside. */
async function recordsOf(store: Store, addresses: ReadonlySet<string>): Promise<readonly JournalEntry[]> {
  const patterns = [...addresses].map((address) => {
    const at = address.lastIndexOf("@");
    const [local, domain] = [address.slice(0, at), address.slice(at + 1)].map(literally);
    return `(?<!${ADDRESS_OCTET})${local}(?:\\+[^@\\s"]{0,64})?@${domain}(?![A-Za-z0-9-]|\\.[A-Za-z0-9])`;
  });
  const naming = new RegExp(patterns.join("|"), "i");
  const found: JournalEntry[] = [];
  for await (const batch of store.journal.journalScan({ since_ms: 0 }))
    for (const entry of batch)
      if (naming.test(entry.body) || entry.keys.some((key) => naming.test(key))) found.push(entry);
  return found;
}

/** Removes all of it and the mail; nothing under legal hold. What others hold, such as an alias with more members, stays without the person. */
export async function erasePerson(store: Store, data: PersonalData): Promise<void> {
  const { account, addresses, aliases, queued, accessEntries, journal } = data;
  if ((await store.directory.account(account.id))?.legalHold === true) throw heldBack(account.login);
  const texts = new Set([account.login, ...addresses.map(textOf)]);
  for (const alias of aliases) await leaveAlias(store, alias, texts);
  for (const { id } of queued) await store.queue.drop(id);
  for (const { table, key } of accessEntries) await store.tables.removeAccess(table, key);
  // Before the account: a removal that is cut off is found by its name and made again.
  await store.journal.forget(journal);
  const removed = await store.directory.removeAccount(account.id);
  if (!removed.ok)
    throw new OperatorError(
      removed.error,
      `${account.login} cannot be removed.`,
      "`wachpost account list` shows what is there.",
    );
}

async function leaveAlias(store: Store, alias: AddressRow, texts: ReadonlySet<string>): Promise<void> {
  if (alias.target.kind !== "alias") return;
  const members = alias.target.members.filter((member) => !texts.has(member.toLowerCase()));
  if (members.length === 0) await store.directory.removeAddress(alias.localPart, alias.domain);
  else await store.directory.putAddress({ ...alias, target: { kind: "alias", members } });
}
