import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { systemClock, type Clock } from "../base/clock.ts";
import type { Log } from "../base/log.ts";
import { OperatorError } from "../base/operator-error.ts";
import type { Config } from "../config/schema.ts";
import { startRecorder } from "../journal/recorder.ts";
import { journalOf, type Journal } from "../mta/journal.ts";
import { acquireServerLock } from "../store/sqlite/lock.ts";
import { openStore } from "../store/sqlite/open.ts";
import type { Store } from "../store/store.ts";
import { countedLog, Counters } from "../web/counters.ts";
import { keepRetention, privacyOf, recordFates } from "./journal.ts";
import { keepUpgrades, upgradeBeforeStart } from "./upgrade.ts";

type Memory = { readonly store: Store; readonly journal: Journal };

/** What the server stands on. `opened` closes it. */
export type Ground = Memory & {
  readonly clock: Clock;
  readonly log: Log;
  readonly counters: Counters;
  readonly opened: AsyncDisposableStack;
};

/**
 * Resolves once the store's thread is on its way: it takes a tenth of the start on a second core, while the rest of the server is
 * loaded, which gives way to nothing.
 */
export async function layGround(
  config: Config,
  uncounted: Log,
): Promise<{ readonly ready: Promise<Ground> }> {
  const clock = systemClock;
  const counters = new Counters();
  const log = countedLog(uncounted, counters);
  await using claimed = new AsyncDisposableStack();
  await makeDataDirectory(config.data);
  claimed.use(await acquireServerLock(storeDirectory(config)));
  await upgradeBeforeStart(config.data, { clock, log });
  const ready = furnished(config, { clock, log, counters }, claimed.move());
  // Looked at once the rest is loaded.
  ready.catch(() => {});
  return { ready };
}

async function furnished(
  config: Config,
  around: Pick<Ground, "clock" | "log" | "counters">,
  owned: AsyncDisposableStack,
): Promise<Ground> {
  await using opened = owned;
  const kept = await memory(config, around.log, around.clock, opened);
  return { ...kept, ...around, opened: opened.move() };
}

const storeDirectory = ({ data }: Config): string => join(data, "store");

/** What is kept: mail, accounts, queue, journal; for this process alone. */
async function memory(config: Config, log: Log, clock: Clock, opened: AsyncDisposableStack): Promise<Memory> {
  const store = opened.use(await openStore({ directory: storeDirectory(config), log, clock }));
  opened.use(await keepUpgrades(config.data, store, { clock, log }));
  const privacy = privacyOf(config);
  const write = (entries: Parameters<typeof store.journal.record>[0]) => store.journal.record(entries);
  const recorder = opened.use(startRecorder({ write, clock, log, privacy }));
  opened.use(keepRetention(store, privacy, clock, log));
  const journal = journalOf(recorder, privacy);
  opened.defer(recordFates(store, journal, privacy));
  return { store, journal };
}

/** Made with the first start; nobody else may look into it. */
async function makeDataDirectory(directory: string): Promise<void> {
  try {
    await mkdir(directory, { recursive: true, mode: 0o700 });
  } catch (error) {
    throw new OperatorError(
      "data-directory",
      `The data directory ${directory} cannot be made: ${error instanceof Error ? error.message : String(error)}.`,
      "Name another directory with `data`, or make this one writable for the user the server runs as.",
      { cause: error },
    );
  }
}
