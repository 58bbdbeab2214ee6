import type { Uid } from "../../base/mail-ids.ts";
import { SELECTED, plain, type Command } from "../command.ts";
import { done, refused, type Completion } from "../completion.ts";
import { sequenceSet } from "../sequence-set.ts";
import type { ImapSession } from "../session.ts";

/** EXPUNGE. RFC 9051 §6.4.3. The removals are told like those of others, right after the command. */
export const expunge = plain(SELECTED, (session) => run(session, undefined));

/** UID EXPUNGE: of the named only. RFC 9051 §6.4.9, RFC 4315 §2.1 */
export const uidExpunge: Command = {
  states: SELECTED,
  parse(cursor) {
    cursor.space();
    const set = sequenceSet(cursor);
    cursor.end();
    return (session) => run(session, session.mailbox.view.resolve(set, true, session.savedSearch));
  },
};

async function run(session: ImapSession, uids: Uint32Array | undefined): Promise<Completion> {
  const expunged = await session.mailbox.box.expunge(uids);
  if (!expunged.ok) return refused(expunged.error);
  forgetSaved(session, expunged.value);
  return done(
    "Done",
    session.modes.condstore && expunged.value.length > 0
      ? `HIGHESTMODSEQ ${await currentModSeq(session)}`
      : undefined,
  );
}

async function currentModSeq(session: ImapSession): Promise<number> {
  return (await session.mailbox.box.delta(session.mailbox.view.modSeq)).modSeq;
}

/** RFC 5182 §2.1: messages that are gone leave the saved result. */
function forgetSaved(session: ImapSession, uids: readonly Uid[]): void {
  const gone = new Set<number>(uids);
  session.savedSearch = session.savedSearch.filter((uid) => !gone.has(uid));
}
