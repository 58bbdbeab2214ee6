import type { Cursor } from "./cursor.ts";
import { partialRange, type PartialRange } from "./partial-range.ts";

/** What narrows a FETCH. RFC 7162 §3.1.4, §3.2.6, RFC 9394 §3.3 */
export type FetchModifiers = {
  readonly changedSince?: number;
  readonly vanished?: true;
  readonly partial?: PartialRange;
};

/**
 *     fetch-modifiers = [SP "(" fetch-modifier *(SP fetch-modifier) ")"]
 *     fetch-modifier = "CHANGEDSINCE" SP mod-sequence-value / "VANISHED" / "PARTIAL" SP partial-range
 */
export function fetchModifiers(cursor: Cursor, byUid: boolean): FetchModifiers {
  if (!cursor.take(" ")) return {};
  const all = cursor.list(() => fetchModifier(cursor, byUid), 3);
  const modifiers: FetchModifiers = Object.assign({}, ...all);
  if (modifiers.vanished && modifiers.changedSince === undefined) cursor.fail("CHANGEDSINCE beside VANISHED");
  return modifiers;
}

function fetchModifier(cursor: Cursor, byUid: boolean): FetchModifiers {
  if (cursor.take("CHANGEDSINCE ")) return { changedSince: cursor.number64() };
  if (byUid && cursor.take("VANISHED")) return { vanished: true };
  if (byUid && cursor.take("PARTIAL ")) return { partial: partialRange(cursor) };
  cursor.fail("CHANGEDSINCE");
  return {};
}
