import { request } from "node:https";
import type { Clock } from "../base/clock.ts";
import type { Log } from "../base/log.ts";
import { programVersion } from "../base/program-version.ts";
import type { Config } from "../config/schema.ts";
import type { Dns } from "../dns/answer.ts";
import type { Store } from "../store/store.ts";
import { updatesLooked } from "../upgrade/events.ts";
import { feedKey } from "../upgrade/feed.ts";
import { fetchFeed } from "../upgrade/fetch-feed.ts";
import { afterLook, pendingUpdate, readUpdateState, UPDATE_SETTING } from "../upgrade/update-state.ts";
import { repeat } from "./repeat.ts";

const LOOK_MS = 3_600_000;
const DAY_MS = 24 * LOOK_MS;

type Around = {
  readonly store: Store;
  readonly dns: Dns;
  readonly clock: Clock;
  readonly log: Log;
};

/** Asks once a day whether there is a newer version, where somebody has said whom to ask; after a failure every hour. */
export function watchUpdates(config: Config, around: Around): AsyncDisposable | undefined {
  const { feed, key: text = "" } = config.updates;
  const key = feedKey(text);
  if (feed === undefined || key === undefined) return undefined;
  const { store, dns, clock, log } = around;
  const over = new AbortController();
  const version = programVersion();
  const look = async (): Promise<void> => {
    const before = readUpdateState(await store.directory.setting(UPDATE_SETTING));
    const age_ms = clock.now() - before.checked_ms;
    if (before.fault === undefined && age_ms >= 0 && age_ms < DAY_MS) return;
    const got = await fetchFeed(feed, { dns, request }, over.signal);
    if (over.signal.aborted) return;
    const after = afterLook(before, got, { key, version, now_ms: clock.now() });
    await store.directory.putSetting(UPDATE_SETTING, JSON.stringify(after));
    updatesLooked(log, after.fault, pendingUpdate(after, version)?.version);
  };
  const looking = repeat("updates", LOOK_MS, look, { clock, log });
  return {
    async [Symbol.asyncDispose]() {
      over.abort(new Error("shutting down"));
      await looking[Symbol.asyncDispose]();
    },
  };
}
