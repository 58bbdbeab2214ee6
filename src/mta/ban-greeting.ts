import { BoundedMap } from "../accounts/bounded-map.ts";
import type { Clock } from "../base/clock.ts";
import { networkOf, type IpAddress } from "../base/ip.ts";
import type { GreetingWatch } from "../smtp/server.ts";
import type { BanList } from "./ban-list.ts";
import type { Conduct } from "./ban-conduct.ts";
import type { RefusalTally } from "./rate-door.ts";
import { GREETING_LIMITS } from "./rate-limits.ts";

/** What becomes of a client that talks first; `note` leaves it to `reject_unauth_pipelining`. */
export type EarlyTalkAction = "refuse" | "note";

export type GreetingTools = {
  readonly bans: BanList;
  readonly conduct: Conduct;
  readonly tally: RefusalTally;
  readonly clock: Clock;
};

/** Who waits for the banner and who need not: a client that waited once is let in at once for a day (D-08, D-09). */
export function greetingWatch(
  { bans, conduct, tally, clock }: GreetingTools,
  action: EarlyTalkAction,
): GreetingWatch {
  const passed = new BoundedMap<number>(GREETING_LIMITS.clients);
  const clientOf = (address: IpAddress): string => networkOf(address, 32, 64);
  return {
    standing(address) {
      if (bans.isSpared(address)) return "spared";
      const age_ms = clock.now() - (passed.get(clientOf(address)) ?? -Infinity);
      return age_ms < GREETING_LIMITS.passed_ms ? "known" : "unknown";
    },
    waited: (address) => passed.set(clientOf(address), clock.now()),
    talked(address) {
      passed.delete(clientOf(address));
      if (action !== "refuse") return action;
      conduct.earlyTalk(address);
      return { refusedAs: tally({ door: "smtp", address, reason: "early-talk" }) };
    },
  };
}
