import type { ReaderEvent } from "../journal/record.ts";
import { EXAMPLES_MAX, type ReplayResult } from "./replay.ts";

/** What parts of the record, oldest first, came to, as if they had been judged in one go. A session is in one part. */
export function mergeReplays(parts: readonly ReplayResult[]): ReplayResult {
  const total = (of: (part: ReplayResult) => number): number =>
    parts.reduce((sum, part) => sum + of(part), 0);
  const fates: Record<string, Partial<Record<ReaderEvent, number>>> = {};
  for (const part of parts)
    for (const [change, counts] of Object.entries(part.fates)) addTo((fates[change] ??= {}), counts);
  return {
    judged: total(({ judged }) => judged),
    same: total(({ same }) => same),
    unknown: total(({ unknown }) => unknown),
    changes: sums(parts.map(({ changes }) => changes)),
    fates,
    neverAsked: sums(parts.map(({ neverAsked }) => neverAsked)),
    examples: parts.flatMap(({ examples }) => examples).slice(0, EXAMPLES_MAX),
    missed: parts.flatMap(({ missed }) => missed).slice(0, EXAMPLES_MAX),
  };
}

function sums(all: readonly Readonly<Record<string, number>>[]): Readonly<Record<string, number>> {
  const sum: Record<string, number> = {};
  for (const counts of all) addTo(sum, counts);
  return sum;
}

function addTo<K extends string>(
  sum: Partial<Record<K, number>>,
  counts: Readonly<Partial<Record<K, number>>>,
): void {
  for (const name of Object.keys(counts) as K[]) sum[name] = (sum[name] ?? 0) + (counts[name] ?? 0);
}
