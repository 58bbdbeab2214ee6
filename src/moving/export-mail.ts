import type { AccountId } from "../base/mail-ids.ts";
import { encodeUtf7 } from "../imap/mailbox-name.ts";
import { createHash } from "node:crypto";
import { OperatorError } from "../base/operator-error.ts";
import type { MailboxRow, MessageRow, Store } from "../store/store.ts";

/** What an export has written of one mailbox. */
export type ExportedCount = { readonly mailbox: string; readonly messages: number; readonly octets: number };

/** Mailboxes of an account, INBOX first. */
export async function mailboxesOf(store: Store, account: AccountId): Promise<readonly MailboxRow[]> {
  const all = await store.mail.mailboxes(account);
  return all.toSorted(
    (a, b) => Number(b.name === "INBOX") - Number(a.name === "INBOX") || (a.name < b.name ? -1 : 1),
  );
}

/** Each message with its octets, checked against the hash they came with. */
export async function* messagesOf(
  store: Store,
  { id, name }: MailboxRow,
): AsyncGenerator<{ readonly row: MessageRow; readonly octets: Buffer }> {
  for await (const rows of store.mail.messages(id, await store.mail.uids(id)))
    for (const row of rows) {
      const octets = await store.mail.octets(row.blob);
      if (octets === undefined) continue;
      if (createHash("sha256").update(octets).digest("hex") !== (await store.mail.hash(row.blob)))
        throw new OperatorError(
          "store-corrupt",
          `Message ${row.uid} of ${name} is damaged.`,
          "Restore it from a backup: `wachpost restore --message`.",
        );
      yield { row, octets };
    }
}

/** A name for the file system: levels by `.`, in ASCII, never one of two directions or too long. */
export function fileName(name: string): string {
  const levels = name
    .split("/")
    .map((level) =>
      encodeUtf7(level).replace(/[.%/]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`),
    );
  const whole = levels.join(".");
  return whole.length <= 200
    ? whole
    : `mailbox-${createHash("sha256").update(name).digest("hex").slice(0, 16)}`;
}
