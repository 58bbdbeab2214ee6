import type { Cursor } from "./cursor.ts";
import { IMAP_LIMITS } from "./limits.ts";

/** The largest number in use. */
export const STAR = Number.POSITIVE_INFINITY;

/** Ranges as written, either end may come first. */
export type Ranges = readonly (readonly [number, number])[];

/** `saved`: `$`, the saved search result. RFC 9051 §9, RFC 5182 */
export type SequenceSet = { readonly kind: "ranges"; readonly ranges: Ranges } | { readonly kind: "saved" };

/**
 *     sequence-set = (seq-number / seq-range) ["," sequence-set] / "$"
 */
export function sequenceSet(cursor: Cursor): SequenceSet {
  if (cursor.take("$")) return { kind: "saved" };
  const ranges: [number, number][] = [];
  do {
    const from = sequenceNumber(cursor);
    ranges.push([from, cursor.take(":") ? sequenceNumber(cursor) : from]);
    if (ranges.length > IMAP_LIMITS.setRanges) cursor.fail("a shorter set");
  } while (cursor.take(","));
  return { kind: "ranges", ranges };
}

function sequenceNumber(cursor: Cursor): number {
  if (cursor.take("*")) return STAR;
  const value = cursor.number();
  if (value === 0) cursor.fail("a number above 0");
  return value;
}

/** Those of ascending uids that a set holds, whatever mailbox it was written for. */
export function within<U extends number>(uids: readonly U[], ranges: Ranges): U[] {
  const ordered = ranges
    .map(([a, b]): Ranges[number] => (a < b ? [a, b] : [b, a]))
    .sort((a, b) => a[0] - b[0]);
  let next = 0;
  let reach = -1;
  return uids.filter((uid) => {
    for (let range = ordered[next]; range !== undefined && range[0] <= uid; range = ordered[++next])
      reach = Math.max(reach, range[1]);
    return uid <= reach;
  });
}

/** Uids as a set, shortest form; uids ascend. */
export function formatSet(uids: ArrayLike<number>): string {
  const parts: string[] = [];
  for (let i = 0; i < uids.length;) {
    const from = uids[i] as number;
    let to = from;
    while (++i < uids.length && uids[i] === to + 1) to++;
    parts.push(from === to ? String(from) : `${from}:${to}`);
  }
  return parts.join(",");
}

/** Uids as a set in the order given, for COPYUID, whose two sets correspond. RFC 4315 §3 */
export function formatSetInOrder(uids: readonly number[]): string {
  const ascending = uids.every((uid, i) => i === 0 || uid > (uids[i - 1] as number));
  return ascending ? formatSet(uids) : uids.join(",");
}
