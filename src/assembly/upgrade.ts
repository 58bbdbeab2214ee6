import type { Clock } from "../base/clock.ts";
import type { Log } from "../base/log.ts";
import { programVersion } from "../base/program-version.ts";
import { CLOCK_JUMP_MS } from "../mailbox/expiry-clock.ts";
import { TIME_BELIEVED } from "../store/retention.ts";
import { VERSION_SETTING } from "../store/sqlite/upgrade.ts";
import type { Store } from "../store/store.ts";
import { setAsidesPruned, upgraded, upgradeStep } from "../upgrade/events.ts";
import { pruneSetAsides } from "../upgrade/set-asides.ts";
import { refuseRolledBack, upgradeStore } from "../upgrade/upgrade-store.ts";
import { repeat } from "./repeat.ts";

const LOOK_MS = 3_600_000;

type Around = { readonly clock: Clock; readonly log: Log };

/** Data of an earlier version are brought to this one's, or the server does not start. */
export async function upgradeBeforeStart(data: string, { clock, log }: Around): Promise<void> {
  const version = programVersion();
  refuseRolledBack(data, version);
  const done = await upgradeStore({ data, version, clock, told: (step) => upgradeStep(log, step) });
  if (done !== undefined) upgraded(log, done);
}

/** Notes who runs on these data, and lets go what an upgrade set aside two weeks ago. */
export async function keepUpgrades(data: string, store: Store, around: Around): Promise<AsyncDisposable> {
  const version = programVersion();
  if ((await store.directory.setting(VERSION_SETTING)) !== version)
    await store.directory.putSetting(VERSION_SETTING, version);
  const look = async (): Promise<void> => {
    const gone = pruneSetAsides(data, await believable(store, around.clock.now()));
    if (gone.length > 0) setAsidesPruned(around.log, gone);
  };
  return repeat("upgrade-set-asides", LOOK_MS, look, around);
}

/** A clock that starts in another year takes the way back from nobody. */
async function believable({ directory }: Store, now_ms: number): Promise<number> {
  const believed_ms = Number(await directory.setting(TIME_BELIEVED));
  return believed_ms > 0 ? Math.min(now_ms, believed_ms + CLOCK_JUMP_MS) : now_ms;
}
