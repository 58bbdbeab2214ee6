import type { Cursor } from "./cursor.ts";
import { partialRange, type PartialRange } from "./partial-range.ts";

/** What SEARCH is to answer. RFC 4731 §3.1, RFC 5182 §2, RFC 9394 §3.1 */
export type SearchReturns = {
  readonly min?: true;
  readonly max?: true;
  readonly all?: true;
  readonly count?: true;
  readonly save?: true;
  readonly partial?: PartialRange;
};

/**
 *     search-return-opts = SP "RETURN" SP "(" [search-return-opt *(SP search-return-opt)] ")"
 *
 * Undefined where there are none; nothing named means ALL.
 */
export function searchReturns(cursor: Cursor): SearchReturns | undefined {
  if (!cursor.take(" RETURN ")) return undefined;
  const options = cursor.list(() => searchReturn(cursor), 6);
  if (options.length === 0) return { all: true };
  const returns: SearchReturns = Object.assign({}, ...options);
  // RFC 9394 §3.1
  if (returns.all && returns.partial) cursor.fail("either ALL or PARTIAL");
  return returns;
}

function searchReturn(cursor: Cursor): SearchReturns {
  if (cursor.take("PARTIAL ")) return { partial: partialRange(cursor) };
  if (cursor.take("MIN")) return { min: true };
  if (cursor.take("MAX")) return { max: true };
  if (cursor.take("ALL")) return { all: true };
  if (cursor.take("COUNT")) return { count: true };
  if (cursor.take("SAVE")) return { save: true };
  cursor.fail("MIN, MAX, ALL, COUNT, SAVE or PARTIAL");
  return {};
}
