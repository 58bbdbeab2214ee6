import { closeSync, fsyncSync, openSync, writeSync } from "node:fs";
import { join } from "node:path";
import type { AccountId } from "../base/mail-ids.ts";
import type { Store } from "../store/store.ts";
import { fileName, mailboxesOf, messagesOf, type ExportedCount } from "./export-mail.ts";
import { formatExported, MAILBOXES_FILE, type ExportedMailbox } from "./exported-mailboxes.ts";
import { exportedMailbox, makeEmpty, writeNew } from "./maildir-export.ts";
import { formatMbox } from "./mboxrd.ts";

/** An account as one mboxrd file a mailbox, which our import reads back octet for octet. */
export async function exportMbox(
  store: Store,
  account: AccountId,
  directory: string,
): Promise<readonly ExportedCount[]> {
  makeEmpty(directory);
  const mailboxes: ExportedMailbox[] = [];
  const counts: ExportedCount[] = [];
  for (const row of await mailboxesOf(store, account)) {
    const path = `${fileName(row.name)}.mbox`;
    const fd = openSync(join(directory, path), "wx", 0o600);
    let messages = 0;
    let octetsWritten = 0;
    try {
      for await (const { row: message, octets } of messagesOf(store, row)) {
        writeAll(fd, formatMbox({ octets, flags: message.flags, internalDate_ms: message.internalDate_ms }));
        messages++;
        octetsWritten += octets.length;
      }
      fsyncSync(fd);
    } finally {
      closeSync(fd);
    }
    mailboxes.push(exportedMailbox(row, path));
    counts.push({ mailbox: row.name, messages, octets: octetsWritten });
  }
  writeNew(join(directory, MAILBOXES_FILE), formatExported(mailboxes));
  return counts;
}

function writeAll(fd: number, octets: Buffer): void {
  for (let done = 0; done < octets.length;) done += writeSync(fd, octets, done);
}
