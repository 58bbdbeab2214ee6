/**
 * Whether the clock is right enough to remove mail by it. A machine whose clock starts in another year must not empty
 * every Trash; a server that was off for a month must go on some day.
 */

export type ClockBelief = {
  /** The last time that was believed. */
  readonly believed_ms: number;
  /** The clock is so far from it that nothing may expire yet. */
  readonly doubt?: ClockDoubt;
};
export type ClockDoubt = {
  /** What the clock said when it was first doubted. */
  readonly since_ms: number;
  readonly last_ms: number;
};

const DAY_MS = 86_400_000;

/** So far a clock may move between two looks: a long weekend without power raises no doubt, and costs three days of thirty. */
export const CLOCK_JUMP_MS = 3 * DAY_MS;
/** A clock that has gone on evenly for so long is believed; by then its owner has been told every day. */
export const CLOCK_PROOF_MS = 7 * DAY_MS;

export function judgeClock(before: ClockBelief | undefined, now_ms: number): ClockBelief {
  if (before === undefined || isNear(now_ms, before.believed_ms)) return { believed_ms: now_ms };
  const { believed_ms, doubt } = before;
  const isEven = doubt !== undefined && isNear(now_ms, doubt.last_ms);
  if (!isEven) return { believed_ms, doubt: { since_ms: now_ms, last_ms: now_ms } };
  if (now_ms - doubt.since_ms >= CLOCK_PROOF_MS) return { believed_ms: now_ms };
  return { believed_ms, doubt: { since_ms: doubt.since_ms, last_ms: now_ms } };
}

const isNear = (a_ms: number, b_ms: number): boolean => Math.abs(a_ms - b_ms) <= CLOCK_JUMP_MS;

export const beliefText = (belief: ClockBelief): string => JSON.stringify(belief);

/** Total: what cannot be read is not known. */
export function readBelief(text: string | undefined): ClockBelief | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text ?? "");
  } catch {
    return undefined;
  }
  if (!isRecord(value) || !isTime(value["believed_ms"])) return undefined;
  const { believed_ms, doubt } = value;
  if (!isRecord(doubt)) return { believed_ms };
  const { since_ms, last_ms } = doubt;
  return isTime(since_ms) && isTime(last_ms)
    ? { believed_ms, doubt: { since_ms, last_ms } }
    : { believed_ms };
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null;
const isTime = (value: unknown): value is number => Number.isSafeInteger(value);
