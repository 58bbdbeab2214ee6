import type { Log } from "../base/log.ts";
import type { UpgradeStep } from "../store/sqlite/upgrade.ts";
import type { UpgradeRecord } from "./set-asides.ts";

export const upgradeStep = (log: Log, step: UpgradeStep): void => log.write("info", "upgrade.step", { step });

export const upgraded = (log: Log, record: UpgradeRecord): void =>
  log.write("warn", "upgrade.done", { ...record, undo: "wachpost upgrade rollback" });

export const setAsidesPruned = (log: Log, directories: readonly string[]): void =>
  log.write("info", "upgrade.pruned", { directories: directories.join(", ") });

export const updatesLooked = (log: Log, fault: string | undefined, newer: string | undefined): void =>
  log.write(fault === undefined ? "info" : "warn", "updates.looked", {
    ...(fault === undefined ? {} : { fault }),
    ...(newer === undefined ? {} : { newer }),
  });
