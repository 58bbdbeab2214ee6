import { CHANGES_DIRECTORY, raiseDirectoryVersion } from "./directory-memory.ts";
import type { Input, OperationKind, Operations, Output } from "./operations.ts";
import { holdSegments, releaseSegments } from "./sweep.ts";
import type { Transaction } from "./transaction.ts";
import { append, deliver } from "./writes-deliver.ts";
import * as directory from "./writes-directory.ts";
import { storeFlags } from "./writes-flags.ts";
import { forgetRecords, pruneStep, record } from "./writes-journal.ts";
import { createMailbox, deleteMailbox, keepFor, renameMailbox, subscribe } from "./writes-mailbox.ts";
import { copy, expire, expunge, move, remove } from "./writes-messages.ts";
import { drop, flush, hold, lease, releaseLeases, settle } from "./writes-queue.ts";
import { countReports, pruneReports, settleReport } from "./writes-reports.ts";
import { putAccess, removeAccess } from "./writes-tables.ts";

type Handlers = { readonly [Kind in OperationKind]: (tx: Transaction, input: Input<Kind>) => Output<Kind> };

/** Which function does which operation. */
const HANDLERS: Handlers = {
  addDomain: directory.addDomain,
  removeDomain: directory.removeDomain,
  addAccount: directory.addAccount,
  removeAccount: directory.removeAccount,
  changeAccount: directory.changeAccount,
  putAddress: directory.putAddress,
  removeAddress: directory.removeAddress,
  putCredential: directory.putCredential,
  removeCredential: directory.removeCredential,
  credentialUsed: directory.credentialUsed,
  putSetting: directory.putSetting,
  putSigningKey: directory.putSigningKey,
  removeSigningKey: directory.removeSigningKey,
  deliver,
  append,
  copy,
  move,
  storeFlags,
  expunge,
  remove,
  keepFor,
  expire,
  createMailbox,
  deleteMailbox,
  renameMailbox,
  subscribe,
  lease,
  settle,
  flush,
  hold,
  drop,
  releaseLeases,
  record,
  forgetRecords,
  pruneStep,
  putAccess,
  removeAccess,
  countReports,
  settleReport,
  pruneReports,
  holdSegments,
  releaseSegments,
};

export function perform(tx: Transaction, kind: OperationKind, input: unknown): unknown {
  const handler = HANDLERS[kind] as (tx: Transaction, input: unknown) => Operations[OperationKind][1];
  if (CHANGES_DIRECTORY.has(kind)) raiseDirectoryVersion(tx.db);
  return handler(tx, input);
}

/** What may leave something for the sweep. */
export const LEAVES_DIRT: ReadonlySet<OperationKind> = new Set<OperationKind>([
  "deleteMailbox",
  "removeAccount",
  "expunge",
  "remove",
  "expire",
  "move",
  "settle",
  "drop",
  "releaseSegments",
]);
