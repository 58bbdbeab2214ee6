import { randomBytes } from "node:crypto";
import { readFile } from "node:fs/promises";
import type { Clock } from "../base/clock.ts";
import { parseCidr, type Cidr } from "../base/ip.ts";
import type { Log } from "../base/log.ts";
import { randomId } from "../base/ids.ts";
import type { Config } from "../config/schema.ts";
import { DoorTally } from "../journal/door-tally.ts";
import type { Journal } from "../mta/journal.ts";
import { repeat } from "./repeat.ts";
import { seatsCut } from "../mta/rate-events.ts";
import { openGuard, type Guard } from "../mta/rate-guard.ts";
import { descriptorLimit, seatsOf } from "../mta/rate-seats.ts";
import { networksOf } from "../policy/settings.ts";
import type { Store } from "../store/store.ts";

export type GuardTools = {
  readonly store: Store;
  readonly journal: Journal;
  readonly clock: Clock;
  readonly log: Log;
};

/** The doctor comes from here to try what nobody may, every day, and must not be banned for it. */
const ownAddresses = ({ listeners: { smtp, submissions, imaps } }: Config): readonly Cidr[] =>
  [smtp, submissions, imaps]
    .flatMap(({ addresses }) => addresses)
    .filter((address) => address !== "0.0.0.0" && address !== "::")
    .flatMap((address) => parseCidr(address) ?? []);

/** A client that does not come again is written down this late at most. */
const SETTLE_MS = 30_000;

/** The guard of the running server: limits from the configuration and from this process, bans from the store. */
export async function startGuard(config: Config, { store, journal, clock, log }: GuardTools): Promise<Guard> {
  const { connections, connections_per_client, logins_per_client } = config.limits;
  // Linux only; elsewhere the configured numbers stand alone.
  const descriptors = descriptorLimit(await readFile("/proc/self/limits", "utf8").catch(() => ""));
  const seats = seatsOf(connections, descriptors);
  if (descriptors !== undefined && Math.min(seats.strangers, seats.users) < connections)
    seatsCut(log, descriptors, seats.strangers, seats.users);
  const tally = new DoorTally({ add: (record) => journal.add(record), newId: randomId, clock });
  const settling = repeat("door-tally", SETTLE_MS, async () => tally.settle(), { clock, log });
  const guard = await openGuard({
    tables: store.tables,
    trusted: [...networksOf(config.policy.mynetworks.join(" ")), ...ownAddresses(config)],
    seats,
    perStranger: connections_per_client,
    perUser: logins_per_client,
    earlyTalk: "refuse",
    tally: (refusal) => tally.refused(refusal),
    key: randomBytes(32),
    clock,
    log,
  });
  return {
    ...guard,
    async [Symbol.asyncDispose]() {
      await guard[Symbol.asyncDispose]();
      await settling[Symbol.asyncDispose]();
      tally[Symbol.dispose]();
    },
  };
}
