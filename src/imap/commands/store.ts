import type { FlagList, MessageFlags } from "../backend.ts";
import type { ModSeq } from "../../base/mail-ids.ts";
import { SELECTED, type Command } from "../command.ts";
import { beyondMailbox, done, refused, type Completion } from "../completion.ts";
import type { Cursor } from "../cursor.ts";
import { flag, flagList } from "../flag-list.ts";
import { formatSet, sequenceSet } from "../sequence-set.ts";
import type { ImapSession } from "../session.ts";

type Change = {
  readonly action: "add" | "remove" | "replace";
  readonly silent: boolean;
  readonly flags: FlagList;
};

/** STORE and UID STORE, conditional with UNCHANGEDSINCE. RFC 9051 §6.4.6, RFC 7162 §3.1.3 */
export const store = (byUid: boolean): Command => ({
  states: SELECTED,
  keepsNumbers: !byUid,
  parse(cursor) {
    cursor.space();
    const set = sequenceSet(cursor);
    cursor.space();
    let unchangedSince: ModSeq | undefined;
    if (cursor.take("(UNCHANGEDSINCE ")) {
      unchangedSince = cursor.number64() as ModSeq;
      cursor.expect(") ");
    }
    const change = flagChange(cursor);
    cursor.end();
    return async (session) => {
      // What others changed meanwhile must be told although our own change is not to be (RFC 9051 §6.4.6).
      if (change.silent) await session.sync(true);
      const uids = session.mailbox.view.resolve(set, byUid, session.savedSearch);
      if (uids === undefined) return beyondMailbox;
      return run(session, uids, change, unchangedSince, byUid);
    };
  },
});

/**
 *     store-att-flags = (["+" / "-"] "FLAGS" [".SILENT"]) SP (flag-list / (flag *(SP flag)))
 */
function flagChange(cursor: Cursor): Change {
  const action = cursor.take("+") ? "add" : cursor.take("-") ? "remove" : "replace";
  cursor.expect("FLAGS");
  const silent = cursor.take(".SILENT");
  cursor.space();
  if (cursor.peek() === "(") return { action, silent, flags: flagList(cursor) };
  const flags: string[] = [];
  do flags.push(flag(cursor));
  while (cursor.take(" "));
  return { action, silent, flags };
}

async function run(
  session: ImapSession,
  uids: Uint32Array,
  change: Change,
  unchangedSince: ModSeq | undefined,
  byUid: boolean,
): Promise<Completion> {
  const { box, view } = session.mailbox;
  if (unchangedSince !== undefined) session.enableCondstore();
  const { action, flags } = change;
  const outcome = await box.storeFlags(uids, {
    action,
    flags,
    ...(unchangedSince === undefined ? {} : { unchangedSince }),
  });
  if (!outcome.ok) return refused(outcome.error);
  for (const message of outcome.value.stored) {
    tell(session, message, change.silent, byUid);
    await session.breathe();
  }
  const { modified } = outcome.value;
  if (modified.length === 0) return done("Done");
  const names = byUid ? modified : modified.map((uid) => view.numberOf(uid)).filter((number) => number > 0);
  return done("Some messages had changed", `MODIFIED ${formatSet(names)}`);
}

/** `.SILENT` still tells the modseq where the client follows them (RFC 7162 §3.1.3). */
function tell(
  session: ImapSession,
  { uid, flags, modSeq }: MessageFlags,
  silent: boolean,
  byUid: boolean,
): void {
  const { view, told } = session.mailbox;
  told.set(uid, modSeq);
  const { condstore } = session.modes;
  const number = view.numberOf(uid);
  if (number === 0 || (silent && !condstore)) return;
  if (!silent) session.introduceKeywords(flags);
  const parts = [
    ...(byUid || condstore ? [`UID ${uid}`] : []),
    ...(silent ? [] : [`FLAGS ${session.flagsOf(uid, flags)}`]),
    ...(condstore ? [`MODSEQ (${modSeq})`] : []),
  ];
  session.untagged(`${number} FETCH (${parts.join(" ")})`);
}
