import { existsSync, mkdirSync, readdirSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { AccountId } from "../base/mail-ids.ts";
import { OperatorError } from "../base/operator-error.ts";
import type { MailboxRow, Store } from "../store/store.ts";
import { fileName, mailboxesOf, messagesOf, type ExportedCount } from "./export-mail.ts";
import { formatExported, MAILBOXES_FILE, type ExportedMailbox } from "./exported-mailboxes.ts";
import { formatKeywords, lettersOf } from "./maildir-name.ts";

/** An account as Maildir++: readable by Dovecot, mutt, mbsync, and by our import, octet for octet. */
export async function exportMaildir(
  store: Store,
  account: AccountId,
  directory: string,
): Promise<readonly ExportedCount[]> {
  makeEmpty(directory);
  const mailboxes: ExportedMailbox[] = [];
  const counts: ExportedCount[] = [];
  for (const row of await mailboxesOf(store, account)) {
    const path = row.name === "INBOX" ? "" : `.${fileName(row.name)}`;
    const { more, count } = await exportMailbox(store, row, join(directory, path));
    mailboxes.push({
      ...exportedMailbox(row, path),
      ...(Object.keys(more).length > 0 ? { moreKeywords: more } : {}),
    });
    counts.push(count);
  }
  const subscribed = mailboxes
    .filter((one) => one.subscribed && one.path !== "")
    .map(({ path }) => path.slice(1));
  writeNew(join(directory, "subscriptions"), `${["INBOX", ...subscribed].join("\n")}\n`);
  writeNew(join(directory, MAILBOXES_FILE), formatExported(mailboxes));
  return counts;
}

export const exportedMailbox = (
  { name, specialUse, subscribed }: MailboxRow,
  path: string,
): ExportedMailbox => ({ path, name, subscribed, ...(specialUse === undefined ? {} : { specialUse }) });

async function exportMailbox(
  store: Store,
  row: MailboxRow,
  directory: string,
): Promise<{ readonly more: Record<string, readonly string[]>; readonly count: ExportedCount }> {
  for (const name of ["cur", "new", "tmp"])
    mkdirSync(join(directory, name), { recursive: true, mode: 0o700 });
  const keywords: string[] = [];
  const more: Record<string, readonly string[]> = {};
  let messages = 0;
  let size = 0;
  for await (const { row: message, octets } of messagesOf(store, row)) {
    const at_s = message.internalDate_ms / 1000;
    const key = `${Math.floor(at_s)}.M${message.uid}P${row.id}.wachpost,S=${octets.length}`;
    const { letters, without } = lettersOf(message.flags, keywords);
    const path = join(directory, "cur", `${key}:2,${letters}`);
    writeNew(path, octets);
    utimesSync(path, at_s, at_s);
    if (without.length > 0) more[key] = without;
    messages++;
    size += octets.length;
  }
  if (keywords.length > 0) writeNew(join(directory, "dovecot-keywords"), formatKeywords(keywords));
  return { more, count: { mailbox: row.name, messages, octets: size } };
}

/** For the owner only; nothing is ever written over. */
export const writeNew = (path: string, content: string | Uint8Array): void =>
  writeFileSync(path, content, { flag: "wx", mode: 0o600 });

export function makeEmpty(directory: string): void {
  if (existsSync(directory) && readdirSync(directory).length > 0)
    throw new OperatorError(
      "not-empty",
      `${directory} is not empty.`,
      "Name a directory that is empty or does not exist yet.",
    );
  mkdirSync(directory, { recursive: true, mode: 0o700 });
}
