import type { SigningKeyRow } from "../store/store.ts";

const DAY_MS = 86_400_000;
/** Half a year: long enough to be no chore, short enough that a copied key grows old (G-10). */
export const KEY_LIFE_MS = 180 * DAY_MS;
/** A new key signs once its record has been seen for so long: every cache, also of "no such name", is a day old at most. */
export const PUBLISHED_FIRST_MS = 2 * DAY_MS;
/** An old key stays published so long after its last signature: queues keep mail for five days, people read later. */
export const STAYS_PUBLISHED_MS = 14 * DAY_MS;
/** `active_ms` of a key that waits for its record. */
export const NOT_YET_MS = 8.64e15;

export type RotationStep =
  /** Make a key and publish its record; it signs nothing yet. */
  | { readonly kind: "prepare" }
  /** This key signs from now on, the others of its kind stop. */
  | { readonly kind: "activate"; readonly selector: string }
  /** Forget the key; its record may go. */
  | { readonly kind: "remove"; readonly selector: string };

/**
 * What is to be done now with the keys of one domain and algorithm. `seenSince_ms`: since when the record of a waiting key
 * has been in the DNS without a gap. Pure; asked once a day or once an hour, the answer is the same.
 */
export function rotationSteps(
  keys: readonly SigningKeyRow[],
  seenSince_ms: ReadonlyMap<string, number>,
  now_ms: number,
): readonly RotationStep[] {
  const waiting = keys.filter(({ active_ms }) => active_ms === NOT_YET_MS);
  const signing = keys.filter(({ active_ms, retired_ms }) => active_ms <= now_ms && retired_ms === undefined);
  const removed = keys
    .filter(({ retired_ms }) => retired_ms !== undefined && now_ms - retired_ms >= STAYS_PUBLISHED_MS)
    .map(({ selector }) => ({ kind: "remove", selector }) as const);
  const ready = waiting.find(({ selector }) => {
    const since_ms = seenSince_ms.get(selector);
    return since_ms !== undefined && now_ms - since_ms >= PUBLISHED_FIRST_MS;
  });
  if (ready !== undefined) return [{ kind: "activate", selector: ready.selector }, ...removed];
  const old = signing.every(({ active_ms }) => now_ms - active_ms >= KEY_LIFE_MS);
  return waiting.length === 0 && old ? [{ kind: "prepare" }, ...removed] : removed;
}
