import { OperatorError } from "../base/operator-error.ts";
import type { StoreFault } from "./store.ts";

/** The store itself cannot serve; the message is for the operator, never for a mail client. */
export class StoreError extends OperatorError {
  readonly fault: StoreFault;

  constructor(fault: StoreFault, message: string, remedy: string = REMEDIES[fault], options?: ErrorOptions) {
    super(`store-${fault}`, message, remedy, options);
    this.name = "StoreError";
    this.fault = fault;
  }
}

const REMEDIES: Readonly<Record<StoreFault, string>> = {
  full: "Free space on the disk that holds the data directory; mail is accepted again by itself.",
  readonly:
    "Run commands as root (sudo) or as the user of the server. Where the server itself says this, make the data directory and its files writable for that user.",
  "newer-schema": "Install the version of the server that wrote this data, or a later one.",
  "older-schema":
    "Restart the server: with its first start it upgrades its data, and keeps what it had (`wachpost upgrade status`).",
  corrupt: "Stop the server, keep the damaged files aside and restore the last backup.",
  locked: "Stop the other process that uses this data directory, then try again.",
  closed: "Open the store again; it was closed or its writer ended.",
  io: "Look at the system log for disk errors; check that the data directory exists and can be read.",
};

/** Primary result codes of SQLite. https://sqlite.org/rescode.html */
const SQLITE_FAULTS: ReadonlyMap<number, StoreFault> = new Map([
  [5, "locked"],
  [6, "locked"],
  [8, "readonly"],
  [11, "corrupt"],
  [13, "full"],
  [26, "corrupt"],
]);
const SYSTEM_FAULTS: ReadonlyMap<string, StoreFault> = new Map([
  ["ENOSPC", "full"],
  ["EDQUOT", "full"],
  ["EROFS", "readonly"],
  ["EACCES", "readonly"],
  ["EPERM", "readonly"],
]);

/** Any failure below the store as a `StoreError`; `doing` says what was attempted, e.g. `opening /var/lib/…`. */
export function toStoreError(error: unknown, doing: string): StoreError {
  if (error instanceof StoreError) return error;
  const { errcode, code, message } = error as { errcode?: number; code?: string; message?: string };
  const fault =
    (errcode === undefined ? undefined : SQLITE_FAULTS.get(errcode & 0xff)) ??
    SYSTEM_FAULTS.get(code ?? "") ??
    "io";
  return new StoreError(fault, `${doing}: ${message ?? String(error)}`, REMEDIES[fault], { cause: error });
}
