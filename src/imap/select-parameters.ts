import type { Cursor } from "./cursor.ts";
import { sequenceSet, STAR, type Ranges } from "./sequence-set.ts";

/** What a client that has been here before says with SELECT. RFC 7162 §3.1.8, §3.2.5 */
export type SelectParameters = {
  readonly condstore: boolean;
  readonly qresync: Resync | undefined;
};

export type Resync = {
  readonly uidValidity: number;
  readonly modSeq: number;
  /** Uids it wants to hear of. */
  readonly known: Ranges;
};

/**
 *     select-params = SP "(" select-param *(SP select-param) ")";  select-param = "CONDSTORE" / qresync
 */
export function selectParameters(cursor: Cursor): SelectParameters {
  if (!cursor.take(" ")) return { condstore: false, qresync: undefined };
  let condstore = false;
  let qresync: Resync | undefined;
  cursor.list(() => {
    if (cursor.take("CONDSTORE")) condstore = true;
    else qresync = resync(cursor);
  }, 2);
  return { condstore, qresync };
}

/**
 *     qresync = "QRESYNC" SP "(" uidvalidity SP mod-sequence-value [SP known-uids] [SP seq-match-data] ")"
 *
 * The match data would only shorten our answer where tombstones are forgotten; they are read and not used.
 */
function resync(cursor: Cursor): Resync {
  cursor.expect("QRESYNC (");
  const uidValidity = cursor.number();
  cursor.space();
  const modSeq = cursor.number64();
  let known: Ranges = [[1, STAR]];
  if (cursor.take(" ") && cursor.peek() !== "(") {
    known = rangesOf(cursor);
    cursor.take(" ");
  }
  if (cursor.take("(")) {
    rangesOf(cursor);
    cursor.space();
    rangesOf(cursor);
    cursor.expect(")");
  }
  cursor.expect(")");
  return { uidValidity, modSeq, known };
}

function rangesOf(cursor: Cursor): Ranges {
  const set = sequenceSet(cursor);
  if (set.kind === "ranges") return set.ranges;
  cursor.fail("a set of numbers");
  return [];
}
