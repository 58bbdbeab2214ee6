import { printable } from "../base/ascii.ts";
import type { Log } from "../base/log.ts";

/** Paths without their query: that may hold an address. */
export const requestAnswered = (
  log: Log,
  client: string,
  method: string,
  path: string,
  status: number,
): void => log.write("debug", "web.request", { client, method, path: printable(path, 200), status });

/** A thrown error in a route is a bug or a broken store; the client gets 500. */
export const routeFailed = (log: Log, path: string, error: unknown): void =>
  log.write("error", "web.route-failed", {
    path: printable(path, 200),
    error: String(error),
    stack: error instanceof Error ? printable(error.stack ?? "", 2000) : "",
  });
