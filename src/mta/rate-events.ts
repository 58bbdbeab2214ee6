import type { IpAddress } from "../base/ip.ts";
import type { Log } from "../base/log.ts";
import type { Ban } from "./ban-list.ts";

/** The first refusal of a client, and one a minute from then on. */
export const doorClosed = (log: Log, listener: string, address: IpAddress, text: string): void =>
  log.write("info", "door.closed", { listener, peer: address.text, text });

export const clientBanned = (log: Log, { network, reason, until_ms }: Ban): void =>
  log.write("warn", "door.banned", {
    network,
    reason,
    until: until_ms === undefined ? undefined : new Date(until_ms).toISOString(),
  });

/** The bans in memory go on; the table is tried again with the next change. */
export const bansNotKept = (log: Log, error: unknown): void =>
  log.write("error", "door.bans-not-kept", { error: String(error) });

export const seatsCut = (log: Log, descriptors: number, strangers: number, users: number): void =>
  log.write("warn", "door.few-descriptors", { descriptors, strangers, users });
