import { printable } from "../base/ascii.ts";
import type { Log } from "../base/log.ts";

export const listenerStarted = (log: Log, listener: string, at: string): void =>
  log.write("info", "listener.started", { listener, at });

export const proxyRefused = (log: Log, listener: string, peer: string): void =>
  log.write("warn", "listener.proxy-header-missing", { listener, peer });

export const tlsFailed = (log: Log, listener: string, peer: string, reason: string, detail: string): void =>
  log.write("info", "listener.tls-failed", { listener, peer, reason, detail: printable(detail) });

/** A thrown error in a session is a bug or a broken pipe; it costs one session. */
export const handlerFailed = (log: Log, listener: string, peer: string, error: unknown): void =>
  log.write("error", "listener.session-failed", {
    listener,
    peer,
    error: String(error),
    stack: stackOf(error),
  });

const stackOf = (error: unknown): string =>
  error instanceof Error ? printable(error.stack ?? "", 2000) : "";
