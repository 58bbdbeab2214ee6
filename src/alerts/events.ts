import type { Log } from "../base/log.ts";
import type { AlertChange } from "./book.ts";
import type { Told } from "./tell.ts";

export const alertChanged = (log: Log, { state, alert }: AlertChange): void =>
  log.write(state === "raised" ? "warn" : "info", `alert.${state}`, {
    id: alert.id,
    urgent: alert.urgent,
    ...alert.values,
  });

/** It is in the log at least. */
export const alertNotTold = (log: Log, { way, to }: Told, detail: string): void =>
  log.write("error", "alert.not-told", { way, to, detail });

export const pingFailed = (log: Log, host: string, detail: string): void =>
  log.write("warn", "alert.ping-failed", { host, detail });
