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
  if (!session.modes.condstore || expunged.value.length === 0) return done("Done");
  return done("Done", `HIGHESTMODSEQ ${await currentModSeq(session)}`);
}

async function currentModSeq(session: ImapSession): Promise<number> {
  return (await session.mailbox.box.delta(session.mailbox.view.modSeq)).modSeq;
}
