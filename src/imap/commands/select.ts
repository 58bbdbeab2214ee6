import type { ModSeq } from "../../base/mail-ids.ts";
import { asciiUpper } from "../../base/ascii.ts";
import { LOGGED_IN, type Command } from "../command.ts";
import { bad, done, noSuchMailbox, refused } from "../completion.ts";
import { encodeMailbox, mailboxName } from "../mailbox-name.ts";
import { formatFlags, formatMailbox } from "../response.ts";
import { selectParameters, type Resync } from "../select-parameters.ts";
import type { Selected } from "../selected.ts";
import { formatSet, within } from "../sequence-set.ts";
import type { ImapSession } from "../session.ts";

/** SELECT. RFC 9051 §6.3.2 */
export const select: Command = opening(false);
/** EXAMINE: the same without the right to change anything. RFC 9051 §6.3.3 */
export const examine: Command = opening(true);

function opening(readOnly: boolean): Command {
  return {
    states: LOGGED_IN,
    parse(cursor, modes) {
      cursor.space();
      const name = mailboxName(cursor, modes);
      const { condstore, qresync } = selectParameters(cursor);
      cursor.end();
      return async (session) => {
        if (qresync !== undefined && !session.modes.qresync) return bad("QRESYNC needs ENABLE QRESYNC");
        // RFC 9051 §6.3.2: the old mailbox is closed even where the new one cannot be opened.
        if (session.selected !== undefined) session.untagged("OK [CLOSED] The previous mailbox is closed");
        session.deselect();
        if (condstore) session.enableCondstore();
        if (name === undefined) return noSuchMailbox;
        const opened = await session.account.open(name, readOnly);
        if (!opened.ok) return refused(opened.error);
        const selected = session.select(opened.value);
        announce(session, selected, name);
        if (qresync !== undefined) await resynchronise(session, selected, qresync);
        return done("Done", readOnly ? "READ-ONLY" : "READ-WRITE");
      };
    },
  };
}

function announce(session: ImapSession, selected: Selected, asked: string): void {
  const { box, view, flags, permanentFlags } = selected;
  const { rev2 } = session.modes;
  session.untagged(`FLAGS ${formatFlags(flags)}`);
  session.untagged(
    `OK [PERMANENTFLAGS ${formatFlags(permanentFlags)}] ${box.readOnly ? "Read-only" : "All flags may be set"}`,
  );
  session.untagged(`${view.count} EXISTS`);
  if (!rev2) session.untagged(`${selected.recentCount} RECENT`);
  if (!rev2 && box.firstUnseen !== undefined)
    session.untagged(`OK [UNSEEN ${view.numberOf(box.firstUnseen)}] First unseen`);
  session.untagged(`OK [UIDVALIDITY ${box.status.uidValidity}] UIDs are valid`);
  session.untagged(`OK [UIDNEXT ${box.status.uidNext}] Predicted next UID`);
  session.untagged(`OK [HIGHESTMODSEQ ${box.status.highestModSeq}] Highest`);
  session.untagged(`OK [MAILBOXID (${box.status.mailboxId})] Id`);
  if (rev2) session.untagged(`LIST () "/" ${nameAndOldName(session, asked)}`);
}

/** The name as it is stored, and what the client called it where that differs. RFC 9051 §6.3.2, §6.3.9.7 */
function nameAndOldName({ modes }: ImapSession, asked: string): string {
  const name = asciiUpper(asked) === "INBOX" ? "INBOX" : asked.normalize("NFC");
  const shown = formatMailbox(encodeMailbox(name, modes));
  return name === asked ? shown : `${shown} ("OLDNAME" (${formatMailbox(encodeMailbox(asked, modes))}))`;
}

/** What happened since the client was here last, if its uids still mean the same. RFC 7162 §3.2.5 */
async function resynchronise(
  session: ImapSession,
  { box, view }: Selected,
  { uidValidity, modSeq, known }: Resync,
): Promise<void> {
  if (uidValidity !== box.status.uidValidity) return;
  const { vanished, changed, appeared } = await box.delta(modSeq as ModSeq);
  const gone = within(vanished, known).filter((uid) => !view.has(uid));
  if (gone.length > 0) session.untagged(`VANISHED (EARLIER) ${formatSet(gone)}`);
  for (const messages of [changed, appeared]) {
    const asked = new Set(
      within(
        messages.map(({ uid }) => uid),
        known,
      ),
    );
    for (const { uid, flags, modSeq: at } of messages) {
      const number = view.numberOf(uid);
      if (number === 0 || !asked.has(uid)) continue;
      session.untagged(`${number} FETCH (UID ${uid} FLAGS ${session.flagsOf(uid, flags)} MODSEQ (${at}))`);
      await session.breathe();
    }
  }
}
