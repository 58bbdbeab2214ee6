import { BoundedMap } from "../accounts/bounded-map.ts";
import type { Clock } from "../base/clock.ts";
import { networkOf, type IpAddress } from "../base/ip.ts";
import type { Log } from "../base/log.ts";
import type { Admittance, Doorkeeper, Guest, HandshakeBound } from "../net/doorkeeper.ts";
import type { BanList } from "./ban-list.ts";
import { ClientCount } from "./client-count.ts";
import { doorClosed } from "./rate-events.ts";
import type { ClientRates, RateKind } from "./rate.ts";
import { RATE_LIMITS } from "./rate-limits.ts";

export type DoorTools = {
  readonly bans: BanList;
  readonly rates: ClientRates;
  readonly clock: Clock;
  readonly log: Log;
};
export type DoorOptions = DoorTools & {
  /** For the log. */
  readonly name: string;
  /** Connections at once: of one client, and of all together. */
  readonly perClient: number;
  readonly seats: number;
  readonly rate: RateKind;
  /** When all seats are taken, who has been silent for this long gives his up. Left out where people may be silent: IMAP. */
  readonly idleWhenFull_ms?: number;
};

const BANNED = "Access denied for now: too many violations from your network";
const TOO_MANY = "Too many connections from your network, please try again later";
const TOO_FAST = "Too many connections from your network in a short time, please try again later";
const IDLE = "All connections are in use and you have been idle, please try again later";
const FULL = "All connections are in use, please try again later";

/** Decides over a connection by its address alone, in microseconds: bans, connections at once, connections per minute. */
export function door(options: DoorOptions): Doorkeeper {
  const { bans, rates, seats, perClient, rate, clock, log, name, idleWhenFull_ms = Infinity } = options;
  /** In the order they came. */
  const guests = new Map<string, Guest>();
  const open = new ClientCount(perClient);
  const told = new BoundedMap<number>(RATE_LIMITS.refusalLogClients);
  let count = 0;
  return {
    admit(address, guest) {
      const token = `${++count}`;
      const text = refusal(address, token);
      if (text !== undefined) return refused(address, text);
      guests.set(token, guest);
      return { ok: true, leave: () => leave(token) };
    },
  };

  function refusal(address: IpAddress, token: string): string | undefined {
    if (bans.find(address) !== undefined) return BANNED;
    if (!open.enter(token, address)) return TOO_MANY;
    const text = tooFast(address) ? TOO_FAST : open.size > seats && !dismissIdle() ? FULL : undefined;
    if (text !== undefined) open.leave(token);
    return text;
  }

  function tooFast(address: IpAddress): boolean {
    return !bans.isSpared(address) && !rates.take(rate, address);
  }

  /** The longest in of those that let us wait. His seat is free from now on, not only when he has understood. */
  function dismissIdle(): boolean {
    for (const [token, guest] of guests) {
      if (guest.idle_ms() < idleWhenFull_ms) continue;
      leave(token);
      guest.dismiss(IDLE);
      return true;
    }
    return false;
  }

  function leave(token: string): void {
    guests.delete(token);
    open.leave(token);
  }

  /** A flood must not become a flood of the log. */
  function refused(address: IpAddress, text: string): Admittance {
    const client = networkOf(address, 32, 64);
    if (clock.now() - (told.get(client) ?? -Infinity) >= RATE_LIMITS.refusalLog_ms) {
      told.set(client, clock.now());
      doorClosed(log, name, address, text);
    }
    return { ok: false, text };
  }
}

/** Handshakes under way: some per client and network, and a bound for all; and how many a minute (D-16). */
export function handshakeBound({ bans, rates }: Pick<DoorTools, "bans" | "rates">): HandshakeBound {
  const open = new ClientCount(RATE_LIMITS.handshakesAtOnce);
  let count = 0;
  return {
    begin(address) {
      const token = `${++count}`;
      if (open.size >= RATE_LIMITS.handshakesAtOnceAll || !open.enter(token, address)) return undefined;
      if (bans.isSpared(address) || rates.take("handshakes", address)) return () => open.leave(token);
      open.leave(token);
      return undefined;
    },
  };
}
