import type { Clock } from "../base/clock.ts";
import type { Store } from "../store/store.ts";

export type ScramSetting = "auto" | "never";

const FRESH_MS = 5_000;

/**
 * Whether SCRAM is offered now: only while every account can use it, since programs that prefer it do not fall back
 * (docs/decisions/0002). The answer is at most a few seconds old.
 */
export async function scramOffer(store: Store, clock: Clock, setting: ScramSetting): Promise<() => boolean> {
  if (setting === "never") return () => false;
  let everyone = !(await store.directory.hasAccountWithoutScram());
  let asked_ms = clock.now();
  const refresh = async (): Promise<void> => {
    everyone = !(await store.directory.hasAccountWithoutScram());
  };
  return () => {
    if (clock.now() - asked_ms > FRESH_MS) {
      asked_ms = clock.now();
      // A failing read leaves the last answer standing; the store's own errors are reported where they matter.
      refresh().catch(() => {});
    }
    return everyone;
  };
}
