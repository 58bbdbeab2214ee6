import { LOGGED_IN, type Command } from "../command.ts";
import { done, noSuchMailbox, refused } from "../completion.ts";
import { encodeMailbox, mailboxName } from "../mailbox-name.ts";
import { formatMailbox } from "../response.ts";
import { formatStatus, statusItems } from "../status-items.ts";

/** STATUS. RFC 9051 §6.3.11 */
export const status: Command = {
  states: LOGGED_IN,
  parse(cursor, modes) {
    cursor.space();
    const name = mailboxName(cursor, modes);
    cursor.space();
    const items = statusItems(cursor);
    cursor.end();
    return async (session) => {
      if (name === undefined) return noSuchMailbox;
      const found = await session.account.status(name);
      if (!found.ok) return refused(found.error);
      if (items.includes("HIGHESTMODSEQ")) session.modes = { ...session.modes, condstore: true };
      session.untagged(
        `STATUS ${formatMailbox(encodeMailbox(name, session.modes))} ${formatStatus(items, found.value)}`,
      );
      return done("Done");
    };
  },
};
