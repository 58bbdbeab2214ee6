import type { Clock } from "../../base/clock.ts";
import type { ReportWrites } from "../report-counts.ts";
import type { RetentionWrites } from "../retention.ts";
import type {
  DirectoryWrites,
  JournalWrites,
  MailWrites,
  QueueEntry,
  QueueWrites,
  TableWrites,
} from "../store.ts";
import type { Input, OperationKind, Output } from "./operations.ts";
import { Packing, SharedBuffer } from "./packing.ts";
import type { Readers } from "./readers.ts";
import { queueEntry } from "./reads-queue.ts";

/** Sends a write to the writer; `WriterPort.write`, or a refusal in a store opened for reading. */
export type Write = <Kind extends OperationKind>(
  kind: Kind,
  input: Input<Kind>,
  transfer?: readonly ArrayBuffer[],
) => Promise<Output<Kind>>;

export const directoryWrites = (write: Write): DirectoryWrites => ({
  addDomain: (domain) => write("addDomain", domain),
  removeDomain: (domain) => write("removeDomain", domain),
  addAccount: (account) => write("addAccount", account),
  removeAccount: (id) => write("removeAccount", id),
  changeAccount: (id, change) => write("changeAccount", { id, change }),
  putAddress: (address) => write("putAddress", address),
  removeAddress: (localPart, domain) => write("removeAddress", { localPart, domain }),
  putCredential: (credential) => write("putCredential", credential),
  removeCredential: (account, id) => write("removeCredential", { account, id }),
  credentialUsed: (id, at_ms) => write("credentialUsed", { id, at_ms }),
  putSetting: (name, value) => write("putSetting", { name, value }),
  putSigningKey: (key) => write("putSigningKey", key),
  removeSigningKey: (domain, selector) => write("removeSigningKey", { domain, selector }),
});

export function mailWrites(write: Write): MailWrites {
  const shared = new SharedBuffer();
  return {
    deliver(delivery) {
      const packing = new Packing(shared);
      return write("deliver", packing.delivery(delivery), packing.transfer);
    },
    append(mailbox, messages) {
      const packing = new Packing(shared);
      const packed = messages.map((message) => packing.newMessage(message));
      return write("append", { mailbox, messages: packed }, packing.transfer);
    },
    copy: (from, uids, to) => write("copy", { from, uids: uids.slice(), to }),
    move: (from, uids, to) => write("move", { from, uids: uids.slice(), to }),
    storeFlags: (mailbox, uids, change) => write("storeFlags", { mailbox, uids: uids.slice(), change }),
    expunge: (mailbox, uids) => write("expunge", { mailbox, ...(uids && { uids: uids.slice() }) }),
    remove: (mailbox, uids) => write("remove", { mailbox, uids: uids.slice() }),
    createMailbox: (account, name, specialUse) =>
      write("createMailbox", { account, name, ...(specialUse && { specialUse }) }),
    deleteMailbox: (id) => write("deleteMailbox", id),
    renameMailbox: (id, name) => write("renameMailbox", { id, name }),
    subscribe: (account, name, subscribed) => write("subscribe", { account, name, subscribed }),
  };
}

export const queueWrites = (write: Write, readers: Readers, clock: Clock): QueueWrites => ({
  async lease(now_ms, until_ms, limit) {
    const ids = await write("lease", { now_ms, until_ms, limit });
    return await readers.read((db) =>
      ids.map((id) => queueEntry(db, id)).filter((entry): entry is QueueEntry => entry !== undefined),
    );
  },
  settle(id, results, notices) {
    const packing = new Packing();
    const packed = notices.map((notice) => packing.delivery(notice));
    return write("settle", { id, results, notices: packed }, packing.transfer);
  },
  flush: (id) => write("flush", { ...(id === undefined ? {} : { id }), now_ms: clock.now() }),
  hold: (id, held) => write("hold", { id, held }),
  drop: (id) => write("drop", id),
  releaseLeases: () => write("releaseLeases", undefined),
});

/** Records in one write, so that others come in between. */
const FORGET_STEP = 100;

export const journalWrites = (write: Write): JournalWrites => ({
  record: (entries) => write("record", entries),
  async forget(records) {
    let total = 0;
    for (let i = 0; i < records.length; i += FORGET_STEP)
      total += await write("forgetRecords", records.slice(i, i + FORGET_STEP));
    return total;
  },
  async prune({ before_ms, octets_max }) {
    let total = 0;
    // Each step is a write of its own, so others come in between.
    for (;;) {
      const { removed, more } = await write("pruneStep", { before_ms, octets_max });
      total += removed;
      if (!more) return total;
    }
  },
});

export const tableWrites = (write: Write): TableWrites => ({
  putAccess: (row) => write("putAccess", row),
  removeAccess: (table, key) => write("removeAccess", { table, key }),
});

export const reportWrites = (write: Write): ReportWrites => ({
  countReports: (counts) => write("countReports", counts),
  settleReport(settled, mails) {
    const packing = new Packing();
    const packed = mails.map((mail) => packing.delivery(mail));
    return write("settleReport", { settled, mails: packed }, packing.transfer);
  },
  async pruneReports(bounds) {
    let total = 0;
    for (;;) {
      const { removed, more } = await write("pruneReports", bounds);
      total += removed;
      if (!more) return total;
    }
  },
});

export const retentionWrites = (write: Write): RetentionWrites => ({
  keepFor: (mailbox, days) => write("keepFor", { mailbox, days }),
  expire: (mailbox, uids, now_ms) => write("expire", { mailbox, uids: uids.slice(), now_ms }),
});
