import type { Clock } from "../base/clock.ts";
import type { Cidr } from "../base/ip.ts";
import type { Log } from "../base/log.ts";
import type { Doorkeeper, HandshakeBound } from "../net/doorkeeper.ts";
import type { GreetingWatch } from "../smtp/server.ts";
import type { Store } from "../store/store.ts";
import { openBanBook } from "./ban-book.ts";
import { Conduct } from "./ban-conduct.ts";
import { greetingWatch, type EarlyTalkAction } from "./ban-greeting.ts";
import { BanList } from "./ban-list.ts";
import { door, handshakeBound, type RefusalTally } from "./rate-door.ts";
import { clientBanned } from "./rate-events.ts";
import { ClientRates } from "./rate.ts";
import { RATE_LIMITS } from "./rate-limits.ts";
import type { Seats } from "./rate-seats.ts";
import type { WatchTools } from "./rate-watch.ts";

export type GuardOptions = {
  readonly tables: Store["tables"];
  /** Never banned, slowed or watched; connections are counted for them like for everybody. */
  readonly trusted: readonly Cidr[];
  readonly seats: Seats;
  /** Connections at once of one client: on port 25, and on the ports of users. */
  readonly perStranger: number;
  readonly perUser: number;
  readonly earlyTalk: EarlyTalkAction;
  readonly tally: RefusalTally;
  /** 32 random octets. */
  readonly key: Uint8Array;
  readonly clock: Clock;
  readonly log: Log;
};

/** All that stands between the network and the protocols. One for all listeners, so that nobody gets more by using more ports. */
export type Guard = AsyncDisposable & {
  readonly watch: WatchTools;
  readonly strangers: Doorkeeper;
  readonly users: Doorkeeper;
  /** Visits are short, so few seats serve many; a flood of them leaves those of mail alone. */
  readonly web: Doorkeeper;
  readonly handshakes: HandshakeBound;
  readonly greeting: GreetingWatch;
};

export async function openGuard(options: GuardOptions): Promise<Guard> {
  const { tables, trusted, seats, perStranger, perUser, earlyTalk, tally, key, clock, log } = options;
  const bans = new BanList(clock);
  const book = await openBanBook({ tables, bans, trusted, clock, log });
  const rates = new ClientRates(clock);
  const conduct = new Conduct({
    bans,
    clock,
    key,
    banned(ban) {
      clientBanned(log, ban);
      book.add(ban);
    },
  });
  const tools = { bans, rates, tally, clock, log };
  return {
    watch: { bans, rates, conduct, tally },
    strangers: door({
      ...tools,
      name: "smtp",
      perClient: perStranger,
      seats: seats.strangers,
      rate: "connections",
      idleWhenFull_ms: RATE_LIMITS.idleWhenFull_ms,
    }),
    users: door({
      ...tools,
      name: "users",
      perClient: perUser,
      seats: seats.users,
      rate: "userConnections",
    }),
    web: door({
      ...tools,
      name: "web",
      perClient: perUser,
      seats: Math.min(seats.users, RATE_LIMITS.webSeats),
      rate: "userConnections",
    }),
    handshakes: handshakeBound(tools),
    greeting: greetingWatch({ bans, conduct, tally, clock }, earlyTalk),
    [Symbol.asyncDispose]: () => book[Symbol.asyncDispose](),
  };
}
