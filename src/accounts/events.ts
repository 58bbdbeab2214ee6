import { printable } from "../base/ascii.ts";
import type { Log } from "../base/log.ts";
import type { ThrottleScope } from "./throttle.ts";

export const loggedIn = (log: Log, session: string, protocol: string, login: string, client: string): void =>
  log.write("info", "login.ok", { session, protocol, login, client });

export const loginFailed = (
  log: Log,
  session: string,
  protocol: string,
  login: string,
  client: string,
  reason: string,
): void => log.write("info", "login.failed", { session, protocol, login: shown(login), client, reason });

export const loginsBlocked = (
  log: Log,
  scope: ThrottleScope,
  client: string,
  login: string,
  duration_ms: number,
): void => log.write("warn", "login.throttle-blocked", { scope, client, login: shown(login), duration_ms });

/** The login went on; only this could not be written. */
export const bookkeepingFailed = (
  log: Log,
  what: "rehash" | "last-used",
  login: string,
  error: unknown,
): void =>
  log.write("error", "login.bookkeeping-failed", {
    what,
    login: shown(login),
    error: error instanceof Error ? error.message : String(error),
  });

/** People type passwords where names belong: only what looks like an address is written down. */
const shown = (login: string): string => (login.includes("@") ? printable(login, 128) : "(no address)");
