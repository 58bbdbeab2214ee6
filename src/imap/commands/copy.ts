import { SELECTED, type Command } from "../command.ts";
import { beyondMailbox, done, no, refused } from "../completion.ts";
import { mailboxName } from "../mailbox-name.ts";
import { formatSetInOrder, sequenceSet } from "../sequence-set.ts";
import type { CopyResult } from "../backend.ts";
import type { ImapSession } from "../session.ts";
import type { Result } from "../../base/result.ts";
import type { ImapRefusal } from "../backend.ts";

/** COPY and UID COPY. RFC 9051 §6.4.7 */
export const copy = (byUid: boolean): Command =>
  transfer(byUid, (session, uids, target) => session.mailbox.box.copy(uids, target), tellCopied);

/** MOVE and UID MOVE: in one step, COPYUID before the EXPUNGEs. RFC 9051 §6.4.8, RFC 6851 */
export const move = (byUid: boolean): Command =>
  transfer(byUid, (session, uids, target) => session.mailbox.box.move(uids, target), tellMoved);

type Transfer = (
  session: ImapSession,
  uids: Uint32Array,
  target: string,
) => Promise<Result<CopyResult, ImapRefusal>>;
type Tell = (session: ImapSession, copied: CopyResult) => string | undefined;

const noTarget = no("There is no such mailbox", "TRYCREATE");

function transfer(byUid: boolean, run: Transfer, tell: Tell): Command {
  return {
    states: SELECTED,
    parse(cursor, modes) {
      cursor.space();
      const set = sequenceSet(cursor);
      cursor.space();
      const target = mailboxName(cursor, modes);
      cursor.end();
      return async (session) => {
        const uids = session.mailbox.view.resolve(set, byUid, session.savedSearch);
        if (uids === undefined) return beyondMailbox;
        if (target === undefined) return noTarget;
        if (uids.length === 0) return done("Nothing to do");
        const copied = await run(session, uids, target);
        if (!copied.ok) return refused(copied.error);
        return done("Done", tell(session, copied.value));
      };
    },
  };
}

const copyUid = ({ uidValidity, source, target }: CopyResult): string | undefined =>
  source.length === 0
    ? undefined
    : `COPYUID ${uidValidity} ${formatSetInOrder(source)} ${formatSetInOrder(target)}`;

const tellCopied: Tell = (_session, copied) => copyUid(copied);

/** RFC 6851 §4.3: untagged, so that it stands before the EXPUNGEs. */
function tellMoved(session: ImapSession, copied: CopyResult): undefined {
  const code = copyUid(copied);
  if (code !== undefined) session.untagged(`OK [${code}] Moved`);
}
