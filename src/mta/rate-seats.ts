import { RATE_LIMITS } from "./rate-limits.ts";

/** Connections at once: on port 25, and on the ports of users. */
export type Seats = { readonly strangers: number; readonly users: number };

/**
 * Deals out the descriptors of this process, so that a flood on port 25 leaves enough for users, and both together
 * leave enough for the store (D-15). `descriptors` undefined: there is no limit that we know of.
 */
export function seatsOf(connections: number, descriptors: number | undefined): Seats {
  if (descriptors === undefined) return { strangers: connections, users: connections };
  const reserved = Math.min(RATE_LIMITS.filesReserved, Math.floor(descriptors / 4));
  const half = Math.floor((descriptors - reserved) / 2);
  return {
    strangers: Math.min(connections, Math.max(1, Math.floor(half / RATE_LIMITS.filesPerStranger))),
    users: Math.min(connections, Math.max(1, half)),
  };
}

/** The line `Max open files` of `/proc/self/limits`; undefined where it says no number. */
export function descriptorLimit(limits: string): number | undefined {
  const soft = /^Max open files +([0-9]{1,15}) /m.exec(limits)?.[1];
  return soft === undefined ? undefined : Number(soft);
}
