import { BoundedMap } from "../accounts/bounded-map.ts";
import type { Clock } from "../base/clock.ts";
import { networkOf, type IpAddress } from "../base/ip.ts";
import type { Log } from "../base/log.ts";
import type { Admittance, Doorkeeper, Guest, HandshakeBound } from "../net/doorkeeper.ts";
import { banTold, type BanList } from "./ban-list.ts";
import { ClientCount } from "./client-count.ts";
import type { DoorReason } from "../journal/record.ts";
import type { Refusal } from "../journal/door-tally.ts";
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
  readonly tally: RefusalTally;
  /** Connections at once: of one client, and of all together. */
  readonly perClient: number;
  readonly seats: number;
  readonly rate: RateKind;
  /** When all seats are taken, who has been silent for this long gives his up. Left out where people may be silent: IMAP. */
  readonly idleWhenFull_ms?: number;
};

/** Takes a refusal down and says by which id it is found. */
export type RefusalTally = (refusal: Refusal) => string;

/** For the client; an id follows. */
const TEXTS = {
  banned: "Access denied for now: too many violations from your network",
  "connection-limit": "Too many connections from your network, please try again later",
  "connection-rate": "Too many connections from your network in a short time, please try again later",
  "no-seat-left": "All connections are in use, please try again later",
} as const satisfies Partial<Record<DoorReason, string>>;
const IDLE = "All connections are in use and you have been idle, please try again later";

/** Decides over a connection by its address alone, in microseconds: bans, connections at once, connections per minute. */
export function door(options: DoorOptions): Doorkeeper {
  const {
    bans,
    rates,
    seats,
    perClient,
    rate,
    clock,
    log,
    name,
    idleWhenFull_ms = Infinity,
    tally,
  } = options;
  /** In the order they came. */
  const guests = new Map<number, Guest>();
  const open = new ClientCount(perClient);
  const logged = new BoundedMap<number>(RATE_LIMITS.refusalLogClients);
  let count = 0;
  return {
    admit(address, guest) {
      const token = ++count;
      const reason = refusal(address, token);
      if (reason !== undefined) return refused(address, reason);
      guests.set(token, guest);
      return { ok: true, leave: () => leave(token) };
    },
  };

  function refusal(address: IpAddress, token: number): keyof typeof TEXTS | undefined {
    if (bans.find(address) !== undefined) return "banned";
    if (!open.enter(token, address)) return "connection-limit";
    const tooFull = (): boolean => open.size > seats && !dismissIdle();
    const reason = tooFast(address) ? "connection-rate" : tooFull() ? "no-seat-left" : undefined;
    if (reason !== undefined) open.leave(token);
    return reason;
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

  function leave(token: number): void {
    guests.delete(token);
    open.leave(token);
  }

  /** A flood must not become a flood of the log. */
  function refused(address: IpAddress, reason: keyof typeof TEXTS): Admittance {
    const ban = reason === "banned" ? bans.find(address) : undefined;
    const told = ban === undefined ? {} : { ban: banTold(ban) };
    const id = tally({ door: name, address, reason, ...told });
    const text = `${TEXTS[reason]} (${id})`;
    const client = networkOf(address, 32, 64);
    if (clock.now() - (logged.get(client) ?? -Infinity) >= RATE_LIMITS.refusalLog_ms) {
      logged.set(client, clock.now());
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
      const token = ++count;
      if (open.size >= RATE_LIMITS.handshakesAtOnceAll || !open.enter(token, address)) return undefined;
      if (bans.isSpared(address) || rates.take("handshakes", address)) return () => open.leave(token);
      open.leave(token);
      return undefined;
    },
  };
}
