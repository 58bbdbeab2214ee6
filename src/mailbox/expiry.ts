import type { Clock } from "../base/clock.ts";
import type { Log } from "../base/log.ts";
import { TIME_BELIEVED, type ExpiringMailbox } from "../store/retention.ts";
import type { Store } from "../store/store.ts";
import { clockDoubted, messagesExpired } from "./events.ts";
import { beliefText, CLOCK_PROOF_MS, judgeClock, readBelief, type ClockBelief } from "./expiry-clock.ts";
import { MAILBOX_LIMITS, type MailboxLimits } from "./limits.ts";

const DAY_MS = 86_400_000;
/** Where the store keeps what is believed of the clock. */
const BELIEF = "expiry-clock";

export type ExpiryTools = { readonly store: Store; readonly clock: Clock; readonly log: Log };

/**
 * Removes what has been in its mailbox for longer than that keeps mail: a bounded number in one run, a few in one
 * commit, nothing of accounts under legal hold, nothing while the clock is in doubt. Returns how many went (G-20).
 */
export async function expireMessages(
  { store, clock, log }: ExpiryTools,
  signal: AbortSignal,
  limits: Pick<MailboxLimits, "expiryRun" | "expiryMailbox" | "expiryStep"> = MAILBOX_LIMITS,
): Promise<number> {
  const now_ms = clock.now();
  const belief = await lookAtClock(store, now_ms);
  if (belief.doubt !== undefined) {
    clockDoubted(log, now_ms, belief.believed_ms, belief.doubt.since_ms + CLOCK_PROOF_MS);
    return 0;
  }
  let left = limits.expiryRun;
  for (const mailbox of await store.retention.expiringMailboxes()) {
    if (left === 0 || signal.aborted) break;
    if (mailbox.legalHold) continue;
    const most = Math.min(left, limits.expiryMailbox);
    const removed = await expireIn(store, mailbox, { now_ms, most, step: limits.expiryStep, signal });
    if (removed > 0) messagesExpired(log, mailbox, removed);
    left -= removed;
  }
  return limits.expiryRun - left;
}

type Bounds = {
  readonly now_ms: number;
  readonly most: number;
  readonly step: number;
  readonly signal: AbortSignal;
};

async function expireIn(
  { retention }: Store,
  { id, keepDays }: ExpiringMailbox,
  { now_ms, most, step, signal }: Bounds,
): Promise<number> {
  const due = await retention.savedUntil(id, now_ms - keepDays * DAY_MS, most);
  let removed = 0;
  for (let at = 0; at < due.length && !signal.aborted; at += step)
    removed += (await retention.expire(id, due.subarray(at, at + step), now_ms)).length;
  return removed;
}

async function lookAtClock({ directory }: Store, now_ms: number): Promise<ClockBelief> {
  const belief = judgeClock(readBelief(await directory.setting(BELIEF)), now_ms);
  await directory.putSetting(BELIEF, beliefText(belief));
  await directory.putSetting(TIME_BELIEVED, String(belief.believed_ms));
  return belief;
}

/** What the last run thought of the clock, where it removed nothing for that. */
export async function clockInDoubt({
  directory,
}: Pick<Store, "directory">): Promise<
  { believed_ms: number; said_ms: number; until_ms: number } | undefined
> {
  const belief = readBelief(await directory.setting(BELIEF));
  if (belief?.doubt === undefined) return undefined;
  const { since_ms } = belief.doubt;
  return { believed_ms: belief.believed_ms, said_ms: since_ms, until_ms: since_ms + CLOCK_PROOF_MS };
}
