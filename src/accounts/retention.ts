import { parseDomain } from "../base/domain-name.ts";
import { OperatorError } from "../base/operator-error.ts";
import { err, ok, type Result } from "../base/result.ts";
import type { AccountRow, MailboxRow, Store } from "../store/store.ts";
import { accountOf, type Managing } from "./manage.ts";

/** A hundred years; who wants more wants `forever`. */
export const KEEP_DAYS_MAX = 36_500;
/** More than this many are not counted. */
const COUNTED_MAX = 1_000_000;
const DAY_MS = 86_400_000;

type Done<T> = Promise<Result<T, OperatorError>>;
const fail = (code: string, message: string, remedy: string): Result<never, OperatorError> =>
  err(new OperatorError(code, message, remedy));

/** A folder, how long it keeps mail, and how much of that is older now. */
export type FolderRetention = {
  readonly login: string;
  readonly folder: string;
  readonly messages: number;
  readonly keepDays: number;
  /** Of the account: nothing goes. */
  readonly legalHold: boolean;
  readonly due: { readonly messages: number; readonly octets: number };
};

/** One account, `@example.org`: all of a domain, or everybody. */
export async function accountsMeant(
  managing: Managing,
  who: string | undefined,
): Done<readonly AccountRow[]> {
  const { directory } = managing.store;
  if (who === undefined) return ok(await directory.accounts());
  if (!who.startsWith("@")) {
    const one = await accountOf(managing, who);
    return one.ok ? ok([one.value]) : one;
  }
  const domain = parseDomain(who.slice(1)) ?? "";
  if (!(await directory.hasDomain(domain)))
    return fail("no-domain", `${who.slice(1)} is no domain here.`, "`wachpost domain list` shows them.");
  return ok((await directory.accounts()).filter(({ login }) => login.endsWith(`@${domain}`)));
}

/** All folders of an account, each as it keeps mail now. */
export async function retentionOf(
  { store, clock }: Managing,
  account: AccountRow,
): Promise<readonly FolderRetention[]> {
  const found: FolderRetention[] = [];
  for (const mailbox of await store.mail.mailboxes(account.id))
    found.push(await folderRetention(store, account, mailbox, mailbox.keepDays, clock.now()));
  return found;
}

/** The folder that is meant, as it would be with so many days; undefined where an account has none such. */
export async function foreseen(
  { store, clock }: Managing,
  account: AccountRow,
  folder: string,
  keepDays: number,
): Promise<(FolderRetention & { readonly mailbox: MailboxRow }) | undefined> {
  const mailbox = folderNamed(await store.mail.mailboxes(account.id), folder);
  if (mailbox === undefined) return undefined;
  return { ...(await folderRetention(store, account, mailbox, keepDays, clock.now())), mailbox };
}

/** By its name, or by what it is for: `Trash` is also the folder that some program calls `Papierkorb`. RFC 6154 */
function folderNamed(mailboxes: readonly MailboxRow[], text: string): MailboxRow | undefined {
  const name = text.normalize("NFC");
  const folded = name.toLowerCase();
  return (
    mailboxes.find((one) => one.name === name || (one.name === "INBOX" && folded === "inbox")) ??
    mailboxes.find(({ specialUse }) => specialUse?.toLowerCase() === `\\${folded}`)
  );
}

async function folderRetention(
  store: Store,
  { login, legalHold }: AccountRow,
  { id, name: folder, messages }: MailboxRow,
  keepDays: number,
  now_ms: number,
): Promise<FolderRetention> {
  const due = { messages: 0, octets: 0 };
  if (keepDays > 0) {
    const uids = await store.retention.savedUntil(id, now_ms - keepDays * DAY_MS, COUNTED_MAX);
    for await (const rows of store.mail.messages(id, uids))
      for (const { size_octets } of rows) {
        due.messages++;
        due.octets += size_octets;
      }
  }
  return { login, folder, messages, keepDays, legalHold, due };
}

/** Puts an account under legal hold, or ends that. */
export async function setLegalHold(managing: Managing, login: string, on: boolean): Done<AccountRow> {
  const account = await accountOf(managing, login);
  if (!account.ok) return account;
  const changed = await managing.store.directory.changeAccount(account.value.id, { legalHold: on });
  return changed.ok
    ? account
    : fail("no-account", `${login} is gone.`, "`wachpost account list` shows them.");
}

/** What a removal says under legal hold. */
export const heldBack = (login: string): OperatorError =>
  new OperatorError(
    "on-hold",
    `${login} is under legal hold: nothing of it may be removed.`,
    `Whoever ordered the hold must end it first: \`wachpost account retention ${login} --release\`.`,
  );
