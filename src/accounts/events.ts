import { printable } from "../base/ascii.ts";
import type { Log } from "../base/log.ts";

export const loggedIn = (log: Log, session: string, protocol: string, login: string, client: string): void =>
  log.write("info", "login.ok", { session, protocol, login, client });

export const loginFailed = (
  log: Log,
  session: string,
  protocol: string,
  login: string,
  client: string,
  reason: string,
): void =>
  log.write("info", "login.failed", { session, protocol, login: printable(login, 128), client, reason });

export const loginsBlocked = (
  log: Log,
  scope: "pair" | "client" | "account",
  client: string,
  login: string,
  duration_ms: number,
): void =>
  log.write("warn", "login.throttle-blocked", { scope, client, login: printable(login, 128), duration_ms });
