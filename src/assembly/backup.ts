import { readFile } from "node:fs/promises";
import type { Clock } from "../base/clock.ts";
import type { Log } from "../base/log.ts";
import { lastBackup } from "../backup/state.ts";
import { inThread } from "../backup/thread.ts";
import { namedFiles } from "../config/named-files.ts";
import type { Config } from "../config/schema.ts";
import { repeat } from "./repeat.ts";

const LOOK_MS = 600_000;
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/** A trial restore that failed is made again this soon, though the next is a month away. */
const DRILL_AGAIN_MS = DAY_MS;

type Around = {
  readonly clock: Clock;
  readonly log: Log;
  /** Where the configuration was read from. */
  readonly configFile: string | undefined;
};

/** Backups and trial restores as configured; looks every ten minutes whether one is due. Nothing where none is wanted. */
export function keepBackups(config: Config, around: Around): AsyncDisposable | undefined {
  const { directory } = config.backup;
  if (directory === undefined) return undefined;
  return repeat("backup", LOOK_MS, () => look(config, directory, around), around);
}

async function look(config: Config, directory: string, { clock, log, configFile }: Around): Promise<void> {
  const { backup, data } = config;
  const secret = await secretText(config);
  const before = lastBackup(data);
  // A minute of grace, so that the hour of the day does not wander.
  if (clock.now() - (before?.at ?? 0) >= backup.every_hours * HOUR_MS - 60_000) {
    const keep = { daily: backup.keep_daily, weekly: backup.keep_weekly, monthly: backup.keep_monthly };
    const configuration =
      configFile === undefined ? {} : { configuration: { file: configFile, named: namedFiles(config) } };
    const order = { data, directory, keep, now_ms: clock.now(), ...configuration };
    log.write("info", "backup.made", { made: await inThread({ kind: "backup", secret, order }) });
  }
  const last = lastBackup(data);
  const period_ms = last?.drillOk === false ? DRILL_AGAIN_MS : backup.drill_days * DAY_MS;
  const due = backup.drill_days > 0 && clock.now() - (last?.drillAt ?? 0) >= period_ms;
  if (last === undefined || last.at === 0 || !due) return;
  const work = { kind: "drill", secret, file: last.file, data, now_ms: clock.now() } as const;
  log.write("info", "backup.drilled", { restored: await inThread(work) });
}

async function secretText({ backup }: Config): Promise<{ kind: "key" | "passphrase"; text: string }> {
  if (backup.key_file !== undefined) return { kind: "key", text: await readFile(backup.key_file, "utf8") };
  if (backup.passphrase_file === undefined)
    throw new Error("backup.directory is set, but neither backup.key_file nor backup.passphrase_file");
  const text = await readFile(backup.passphrase_file, "utf8");
  return { kind: "passphrase", text: text.replace(/\r?\n$/, "") };
}
