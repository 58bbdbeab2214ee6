import type { Cursor } from "./cursor.ts";

/** Positions in a result, from 1; negative ones count from its end. RFC 9394 §3.1 */
export type PartialRange = { readonly from: number; readonly to: number; readonly text: string };

/**
 *     partial-range = nz-number ":" nz-number / MINUS nz-number ":" MINUS nz-number
 */
export function partialRange(cursor: Cursor): PartialRange {
  const fromEnd = cursor.peek() === "-";
  const position = (): number => {
    if (fromEnd) cursor.expect("-");
    const value = cursor.number();
    if (value === 0) cursor.fail("a position above 0");
    return value;
  };
  const first = position();
  cursor.expect(":");
  const second = position();
  const [near, far] = first < second ? [first, second] : [second, first];
  const sign = fromEnd ? "-" : "";
  const text = `${sign}${first}:${sign}${second}`;
  return fromEnd ? { from: -far, to: -near, text } : { from: near, to: far, text };
}

/** The part of an ascending result that a range names; ascending. */
export function rangeOf(result: Uint32Array, { from, to }: PartialRange): Uint32Array {
  if (from > 0) return result.subarray(from - 1, to);
  return result.subarray(Math.max(0, result.length + from), Math.max(0, result.length + to + 1));
}
