import { SELECTED, type Command } from "../command.ts";
import { beyondMailbox, done, no, refused, type Completion } from "../completion.ts";
import type { Cursor } from "../cursor.ts";
import { rangeOf } from "../partial-range.ts";
import { mentionsModSeq, resolveTree, searchProgram, type SearchTree } from "../search-program.ts";
import { searchReturns, type SearchReturns } from "../search-returns.ts";
import { formatSet } from "../sequence-set.ts";
import type { ImapSession } from "../session.ts";

const CHARSETS: ReadonlySet<string> = new Set(["US-ASCII", "ASCII", "UTF-8"]);

/**
 * SEARCH and UID SEARCH, with RETURN (ESEARCH, SEARCHRES, PARTIAL). RFC 9051 §6.4.4, RFC 4731, 5182, 9394
 * UID SEARCH keeps the numbers too: its keys may speak of them (RFC 7162 §3.2.10.2).
 */
export const search = (byUid: boolean): Command => ({
  states: SELECTED,
  keepsNumbers: true,
  parse(cursor) {
    const returns = searchReturns(cursor);
    cursor.space();
    const charset = cursor.take("CHARSET ") ? searchCharset(cursor) : "UTF-8";
    const tree = searchProgram(cursor);
    cursor.end();
    return async (session) => {
      if (!CHARSETS.has(charset))
        return no("Only US-ASCII and UTF-8 are known", "BADCHARSET (US-ASCII UTF-8)");
      return run(session, tree, returns, byUid);
    };
  },
});

function searchCharset(cursor: Cursor): string {
  const charset = cursor.astring().toString("latin1").toUpperCase();
  cursor.space();
  return charset;
}

async function run(
  session: ImapSession,
  tree: SearchTree,
  returns: SearchReturns | undefined,
  byUid: boolean,
): Promise<Completion> {
  const { box, view } = session.mailbox;
  const key = resolveTree(
    tree,
    (set, uids) => view.resolveRanges(set, uids, session.savedSearch),
    box.firstRecent,
  );
  if (key === undefined) return beyondMailbox;
  const found = await box.search(key, view.uids.slice());
  if (!found.ok) {
    // RFC 5182 §2.1: a search that failed leaves nothing saved.
    if (returns?.save) session.savedSearch = new Uint32Array(0);
    return refused(found.error);
  }
  const modSeq = mentionsModSeq(tree) ? await highestModSeq(session, found.value) : undefined;
  if (modSeq !== undefined) session.enableCondstore();
  if (returns?.save) session.savedSearch = saved(found.value, returns);
  const numbers = byUid ? found.value : found.value.map((uid) => view.numberOf(uid));
  if (returns === undefined && !session.modes.rev2) tellPlain(session, numbers, modSeq);
  else tellExtended(session, numbers, returns ?? { all: true }, byUid, modSeq);
  return done("Done");
}

function tellPlain(session: ImapSession, numbers: Uint32Array, modSeq: number | undefined): void {
  if (numbers.length === 0) return session.untagged("SEARCH");
  session.untagged(`SEARCH ${numbers.join(" ")}${modSeq === undefined ? "" : ` (MODSEQ ${modSeq})`}`);
}

/**
 *     esearch-response = "ESEARCH" [search-correlator] [SP "UID"] *(SP search-return-data)
 */
function tellExtended(
  session: ImapSession,
  numbers: Uint32Array,
  returns: SearchReturns,
  byUid: boolean,
  modSeq: number | undefined,
): void {
  const { min, max, all, count, partial } = returns;
  // RFC 5182 §2.1: SAVE alone answers nothing.
  if (!(min || max || all || count || partial)) return;
  const some = numbers.length > 0;
  const parts = [
    `(TAG ${JSON.stringify(session.tag)})`,
    ...(byUid ? ["UID"] : []),
    ...(min && some ? [`MIN ${numbers[0]}`] : []),
    ...(max && some ? [`MAX ${numbers.at(-1)}`] : []),
    ...(all && some ? [`ALL ${formatSet(numbers)}`] : []),
    ...(count ? [`COUNT ${numbers.length}`] : []),
    ...(partial ? [`PARTIAL (${partial.text} ${formatSet(rangeOf(numbers, partial)) || "NIL"})`] : []),
    ...(modSeq !== undefined && some ? [`MODSEQ ${modSeq}`] : []),
  ];
  session.untagged(`ESEARCH ${parts.join(" ")}`);
}

/** With MIN, MAX or PARTIAL only those are saved, unless ALL or COUNT asks for every one. RFC 5182 §2.4, RFC 9394 §3.2 */
function saved(uids: Uint32Array, { min, max, all, count, partial }: SearchReturns): Uint32Array {
  if (all || count || !(min || max || partial)) return uids;
  const kept = new Set<number>(partial ? rangeOf(uids, partial) : []);
  const [first] = uids;
  const last = uids.at(-1);
  if (min && first !== undefined) kept.add(first);
  if (max && last !== undefined) kept.add(last);
  return Uint32Array.from(kept).sort();
}

/** RFC 7162 §3.1.5: the highest modseq of the messages found. */
async function highestModSeq(session: ImapSession, uids: Uint32Array): Promise<number> {
  let highest = 0;
  for await (const batch of session.mailbox.box.flags(uids)) {
    for (const { modSeq } of batch) highest = Math.max(highest, modSeq);
  }
  return highest;
}
