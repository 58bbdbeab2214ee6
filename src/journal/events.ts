import { printable } from "../base/ascii.ts";
import type { Log } from "../base/log.ts";

/** Records that nobody will find: the store took none for too long, or they came too fast. */
export const recordsDropped = (log: Log, count: number, why: "too-many" | "closing"): void =>
  log.write("warn", "journal.dropped", { count, why });

export const writeFailed = (log: Log, waiting: number, retry_ms: number, error: unknown): void =>
  log.write("error", "journal.write-failed", { waiting, retry_ms, error: printable(String(error)) });
