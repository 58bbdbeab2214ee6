/** When the queue tries again, warns the sender, and gives up. RFC 5321 §4.5.4.1; T-62 */
export type QueuePolicy = {
  /** Wait before the second try. */
  readonly firstRetry_ms: number;
  /** Longest wait between two tries. */
  readonly retryMax_ms: number;
  /** Age at which a message is given up; notices of ours have the same. */
  readonly expire_ms: number;
  /** Age at which the sender is told once that his message still waits; 0: never. */
  readonly delayNotice_ms: number;
};

const SECOND_MS = 1000;
const HOUR_MS = 3600 * SECOND_MS;

export const defaultQueuePolicy: QueuePolicy = {
  /** RFC 5321 asks for 30 minutes; greylisting made five the custom. */
  firstRetry_ms: 300 * SECOND_MS,
  retryMax_ms: 4000 * SECOND_MS,
  /** RFC 5321 §4.5.4.1: at least 4 to 5 days, a long weekend with a broken server. */
  expire_ms: 5 * 24 * HOUR_MS,
  delayNotice_ms: 4 * HOUR_MS,
};

/** Share of the wait that chance adds, so that what failed together does not come back together. */
const JITTER = 0.1;

/**
 * When to try again after a failure at `now_ms`. Waits double, from `firstRetry_ms` to `retryMax_ms`, and follow from the
 * age alone: neither tries the operator forced nor tries that were skipped change them. `jitter` is 0 to 1.
 * The last try is at the very end of the message's time.
 */
export function nextAttempt(policy: QueuePolicy, created_ms: number, now_ms: number, jitter: number): number {
  const age_ms = Math.max(0, now_ms - created_ms);
  const wait_ms = Math.min(age_ms + policy.firstRetry_ms, policy.retryMax_ms / (1 + JITTER));
  const next_ms = Math.round(now_ms + wait_ms * (1 + JITTER * jitter));
  const end_ms = created_ms + policy.expire_ms;
  return next_ms > end_ms && now_ms < end_ms ? end_ms : next_ms;
}

export const isExpired = (policy: QueuePolicy, created_ms: number, now_ms: number): boolean =>
  now_ms - created_ms >= policy.expire_ms;

export const isDelayed = (policy: QueuePolicy, created_ms: number, now_ms: number): boolean =>
  policy.delayNotice_ms > 0 && now_ms - created_ms >= policy.delayNotice_ms;

/** First pause after a destination could not be reached at all. */
const UNREACHABLE_MS = 60 * SECOND_MS;

/** How long a destination is left alone after `failures` tries in a row that reached none of its hosts. */
export const unreachablePause = (policy: QueuePolicy, failures: number): number =>
  Math.min(UNREACHABLE_MS * failures, policy.retryMax_ms);
