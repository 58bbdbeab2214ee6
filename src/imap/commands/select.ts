import { LOGGED_IN, type Command } from "../command.ts";
import { done, noSuchMailbox, refused } from "../completion.ts";
import { encodeMailbox, mailboxName } from "../mailbox-name.ts";
import { formatFlags, formatMailbox } from "../response.ts";
import type { ImapSession, Selected } from "../session.ts";

/** SELECT. RFC 9051 §6.3.2 */
export const select: Command = opening(false);
/** EXAMINE: the same without the right to change anything. RFC 9051 §6.3.3 */
export const examine: Command = opening(true);

const SYSTEM_FLAGS = ["\\Answered", "\\Flagged", "\\Deleted", "\\Seen", "\\Draft"] as const;

function opening(readOnly: boolean): Command {
  return {
    states: LOGGED_IN,
    parse(cursor, modes) {
      cursor.space();
      const name = mailboxName(cursor, modes);
      const parameters = cursor.take(" ") ? cursor.list(() => cursor.atom().toUpperCase(), 5) : [];
      cursor.end();
      if (parameters.some((parameter) => parameter !== "CONDSTORE")) cursor.fail("CONDSTORE");
      return async (session) => {
        // RFC 9051 §6.3.2: the old mailbox is closed even where the new one cannot be opened.
        const closed = session.selected !== undefined;
        session.deselect();
        if (closed && session.modes.rev2) session.untagged("OK [CLOSED] The previous mailbox is closed");
        if (name === undefined) return noSuchMailbox;
        const opened = await session.account.open(name, readOnly);
        if (!opened.ok) return refused(opened.error);
        if (parameters.length > 0) session.modes = { ...session.modes, condstore: true };
        session.select(name, opened.value);
        announce(session, session.mailbox);
        return done("Done", readOnly ? "READ-ONLY" : "READ-WRITE");
      };
    },
  };
}

function announce(session: ImapSession, selected: Selected): void {
  const { box, view, name } = selected;
  const flags = [...SYSTEM_FLAGS, ...box.keywords];
  session.untagged(`FLAGS ${formatFlags(flags)}`);
  session.untagged(
    `OK [PERMANENTFLAGS ${formatFlags(box.readOnly ? [] : [...flags, "\\*"])}] ${box.readOnly ? "Read-only" : "All flags may be set"}`,
  );
  session.untagged(`${view.count} EXISTS`);
  if (!session.modes.rev2) session.untagged(`${session.recentCount(selected)} RECENT`);
  if (!session.modes.rev2 && box.firstUnseen !== undefined)
    session.untagged(`OK [UNSEEN ${view.numberOf(box.firstUnseen)}] First unseen`);
  session.untagged(`OK [UIDVALIDITY ${box.status.uidValidity}] UIDs are valid`);
  session.untagged(`OK [UIDNEXT ${box.status.uidNext}] Predicted next UID`);
  session.untagged(`OK [HIGHESTMODSEQ ${box.status.highestModSeq}] Highest`);
  session.untagged(`OK [MAILBOXID (${box.status.mailboxId})] Id`);
  if (session.modes.rev2)
    session.untagged(`LIST () "/" ${formatMailbox(encodeMailbox(name, session.modes))}`);
}
