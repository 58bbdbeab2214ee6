import { SELECTED, type Command } from "../command.ts";
import { beyondMailbox, done, no, refused, type Completion } from "../completion.ts";
import type { Cursor } from "../cursor.ts";
import { mentionsModSeq, resolveTree, searchProgram, type SearchTree } from "../search-program.ts";
import { formatSet } from "../sequence-set.ts";
import type { ImapSession } from "../session.ts";

const RETURNS = ["MIN", "MAX", "ALL", "COUNT", "SAVE"] as const;
type Return = (typeof RETURNS)[number];

const CHARSETS: ReadonlySet<string> = new Set(["US-ASCII", "ASCII", "UTF-8"]);

/** SEARCH and UID SEARCH, with RETURN (ESEARCH, SEARCHRES). RFC 9051 §6.4.4, RFC 4731, 5182 */
export const search = (byUid: boolean): Command => ({
  states: SELECTED,
  keepsNumbers: !byUid,
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

function searchReturns(cursor: Cursor): readonly Return[] | undefined {
  if (!cursor.take(" RETURN ")) return undefined;
  const returns = cursor.list(() => {
    const name = cursor.atom().toUpperCase();
    const known = RETURNS.find((word) => word === name);
    if (known === undefined) cursor.fail("MIN, MAX, ALL, COUNT or SAVE");
    return known ?? "ALL";
  }, RETURNS.length);
  // RFC 4731 §3.1: nothing named means ALL.
  return returns.length === 0 ? ["ALL"] : returns;
}

function searchCharset(cursor: Cursor): string {
  const charset = cursor.astring().toString("latin1").toUpperCase();
  cursor.space();
  return charset;
}

async function run(
  session: ImapSession,
  tree: SearchTree,
  returns: readonly Return[] | undefined,
  byUid: boolean,
): Promise<Completion> {
  const { box, view } = session.mailbox;
  const key = resolveTree(tree, (set, uids) => view.resolve(set, uids, session.savedSearch), box.firstRecent);
  if (key === undefined) return beyondMailbox;
  const found = await box.search(key, view.uids.slice());
  if (!found.ok) {
    if (returns?.includes("SAVE")) session.savedSearch = new Uint32Array(0);
    return refused(found.error);
  }
  const modSeq = mentionsModSeq(tree) ? await highestModSeq(session, found.value) : undefined;
  if (modSeq !== undefined) session.modes = { ...session.modes, condstore: true };
  if (returns?.includes("SAVE")) session.savedSearch = saved(found.value, returns);
  const numbers = byUid ? found.value : found.value.map((uid) => view.numberOf(uid));
  if (returns === undefined && !session.modes.rev2) tellPlain(session, numbers, modSeq);
  else tellExtended(session, numbers, returns ?? ["ALL"], byUid, modSeq);
  return done("Done");
}

function tellPlain(session: ImapSession, numbers: Uint32Array, modSeq: number | undefined): void {
  const end = modSeq === undefined ? "" : ` (MODSEQ ${modSeq})`;
  session.untagged(
    `SEARCH${numbers.length === 0 ? "" : ` ${numbers.join(" ")}`}${numbers.length === 0 ? "" : end}`,
  );
}

/**
 *     esearch-response = "ESEARCH" [search-correlator] [SP "UID"] *(SP search-return-data)
 */
function tellExtended(
  session: ImapSession,
  numbers: Uint32Array,
  returns: readonly Return[],
  byUid: boolean,
  modSeq: number | undefined,
): void {
  const wants = (name: Return): boolean => returns.includes(name);
  const some = numbers.length > 0;
  const parts = [
    `(TAG ${JSON.stringify(session.tag)})`,
    ...(byUid ? ["UID"] : []),
    ...(wants("MIN") && some ? [`MIN ${numbers[0]}`] : []),
    ...(wants("MAX") && some ? [`MAX ${numbers.at(-1)}`] : []),
    ...(wants("ALL") && some ? [`ALL ${formatSet(numbers)}`] : []),
    ...(wants("COUNT") ? [`COUNT ${numbers.length}`] : []),
    ...(modSeq !== undefined && some ? [`MODSEQ ${modSeq}`] : []),
  ];
  // RFC 5182 §2.1: SAVE alone answers nothing.
  if (returns.every((name) => name === "SAVE")) return;
  session.untagged(`ESEARCH ${parts.join(" ")}`);
}

/** RFC 5182 §2.4: with MIN or MAX only those are saved. */
function saved(uids: Uint32Array, returns: readonly Return[]): Uint32Array {
  const narrow =
    (returns.includes("MIN") || returns.includes("MAX")) &&
    !returns.includes("ALL") &&
    !returns.includes("COUNT");
  if (!narrow || uids.length === 0) return uids;
  const ends = new Set([
    ...(returns.includes("MIN") ? [uids[0] ?? 0] : []),
    ...(returns.includes("MAX") ? [uids.at(-1) ?? 0] : []),
  ]);
  return Uint32Array.from(ends).sort();
}

async function highestModSeq(session: ImapSession, uids: Uint32Array): Promise<number> {
  let highest = 0;
  for await (const batch of session.mailbox.box.flags(uids)) {
    for (const { modSeq } of batch) highest = Math.max(highest, modSeq);
  }
  return highest;
}
