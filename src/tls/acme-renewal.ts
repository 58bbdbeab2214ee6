import { ok, err, type Result } from "../base/result.ts";

/** Milliseconds since 1970. */
export type Window = { readonly start_ms: number; readonly end_ms: number };
export type Validity = { readonly notBefore_ms: number; readonly notAfter_ms: number };

/** Without the authority's advice: once a third of its life is left, whatever its length (T-55, T-56). */
const FALLBACK_LEFT = 1 / 3;
/** Renewals by fallback spread over this share of the life, so that a fleet does not come at once. */
const FALLBACK_SPREAD = 1 / 50;
/** Whatever the advice: never with less than this left. */
const LEAST_LEFT = 1 / 10;

/** The authority's advice as a span of time. RFC 9773 §4.2: a window that does not end after it starts is invalid. */
export function readWindow(window: { readonly start: string; readonly end: string }): Result<Window, string> {
  const start_ms = readTime(window.start);
  const end_ms = readTime(window.end);
  if (Number.isNaN(start_ms) || Number.isNaN(end_ms))
    return err("the suggested window has no readable times");
  return end_ms > start_ms ? ok({ start_ms, end_ms }) : err("the suggested window ends before it starts");
}

/** RFC 3339 §5.6 */
const readTime = (text: string): number =>
  /^[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt][0-9:.]{5,30}([Zz]|[+-][0-9]{2}:[0-9]{2})$/.test(text)
    ? Date.parse(text)
    : Number.NaN;

/** A moment of the window, each as likely as any other (RFC 9773 §4.2); `random` is from 0 to 1. */
export function renewInWindow(validity: Validity, window: Window, random: number): number {
  const chosen = window.start_ms + random * (window.end_ms - window.start_ms);
  return Math.min(chosen, validity.notAfter_ms - lifetime(validity) * LEAST_LEFT);
}

/** When to renew where the authority gives no advice. */
export function renewByLifetime(validity: Validity, random: number): number {
  const life_ms = lifetime(validity);
  return validity.notAfter_ms - life_ms * (FALLBACK_LEFT - random * FALLBACK_SPREAD);
}

const lifetime = ({ notBefore_ms, notAfter_ms }: Validity): number => notAfter_ms - notBefore_ms;

const FAILURE_FIRST_MS = 180_000;
const FAILURE_MAX_MS = 6 * 3_600_000;
/** An authority that asks for more than a week would have us run out. */
const PATIENCE_MAX_MS = 7 * 86_400_000;

/**
 * How long to wait after the `failures`-th failure in a row: three minutes, doubling to six hours, spread by a
 * quarter (five failures an hour for each name is what Let's Encrypt allows), or as long as the authority asks.
 */
export function failurePause_ms(failures: number, retryAfter_ms: number | undefined, random: number): number {
  const doubled = Math.min(FAILURE_FIRST_MS * 2 ** Math.min(failures - 1, 20), FAILURE_MAX_MS);
  return Math.max(doubled * (1 + random / 4), Math.min(retryAfter_ms ?? 0, PATIENCE_MAX_MS));
}

export type ExpiryAlarm = "none" | "soon" | "critical";
/** Two days are what a person needs to act; a six-day certificate has not got them. */
const CRITICAL_MS = 48 * 3_600_000;
const CRITICAL_SHARE = 1 / 6;
/**
 * How loudly to say that a certificate runs out (T-58): below a third of its life, less the time a renewal that
 * was due at a third may still be under way.
 */
export function expiryAlarm(validity: Validity, now_ms: number): ExpiryAlarm {
  const left_ms = validity.notAfter_ms - now_ms;
  const life_ms = lifetime(validity);
  if (left_ms < Math.min(CRITICAL_MS, life_ms * CRITICAL_SHARE)) return "critical";
  return left_ms < life_ms * (FALLBACK_LEFT - 2 * FALLBACK_SPREAD) ? "soon" : "none";
}
