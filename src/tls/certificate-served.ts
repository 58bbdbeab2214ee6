import type { TLSSocketOptions } from "node:tls";
import type { Clock } from "../base/clock.ts";
import type { Log } from "../base/log.ts";
import { keeperFailed } from "./certificate-events.ts";
import type { KeyAndCertificate } from "./certificate.ts";
import { serverTls } from "./contexts.ts";

/** The certificate of the moment: new connections ask for it, those under way keep what they have. */
export interface ServedCertificate {
  current(): KeyAndCertificate;
  /** Tells of every later one; the result ends it. */
  onChange(listener: (next: KeyAndCertificate) => void): () => void;
}

/** Somebody who sees to it that the certificate of the moment is a good one, until disposed of. */
export interface CertificateKeeper extends ServedCertificate, AsyncDisposable {}

/** Holds the certificate of the moment. */
export class CertificateHolder implements ServedCertificate {
  #pair: KeyAndCertificate;
  readonly #listeners = new Set<(next: KeyAndCertificate) => void>();

  constructor(pair: KeyAndCertificate) {
    this.#pair = pair;
  }

  current(): KeyAndCertificate {
    return this.#pair;
  }

  onChange(listener: (next: KeyAndCertificate) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  replace(pair: KeyAndCertificate): void {
    this.#pair = pair;
    for (const listener of this.#listeners) listener(pair);
  }
}

/**
 * TLS of one service for the connection that is about to begin. The context, and with it the ticket keys, lasts as
 * long as the certificate (T-41).
 */
export function servedTls(
  service: string,
  served: ServedCertificate,
  alpn: readonly string[],
): () => TLSSocketOptions {
  let pair: KeyAndCertificate | undefined;
  let options: TLSSocketOptions = {};
  return () => {
    const current = served.current();
    if (current !== pair) options = serverTls(service, (pair = current), alpn);
    return options;
  };
}

const AFTER_EXCEPTION_MS = 600_000;

/** Runs `check` again and again, each time after the pause it asked for; the first time at once. */
export function keepChecking(
  check: (signal: AbortSignal) => Promise<number>,
  { clock, log }: { readonly clock: Clock; readonly log: Log },
): AsyncDisposable {
  const ending = new AbortController();
  const { signal } = ending;
  const run = async (): Promise<void> => {
    while (!signal.aborted) {
      let pause_ms = AFTER_EXCEPTION_MS;
      try {
        pause_ms = await check(signal);
      } catch (error) {
        if (!signal.aborted) keeperFailed(log, error);
      }
      await clock.sleep(pause_ms, signal).catch(() => {});
    }
  };
  const running = run();
  return {
    async [Symbol.asyncDispose]() {
      ending.abort(new Error("shutting down"));
      await running;
    },
  };
}
