import { LOGGED_IN, type Command } from "../command.ts";
import { badMailboxName, done, noSuchMailbox, refused } from "../completion.ts";
import { mailboxName } from "../mailbox-name.ts";

/** RENAME. RFC 9051 §6.3.6 */
export const rename: Command = {
  states: LOGGED_IN,
  parse(cursor, modes) {
    cursor.space();
    const from = mailboxName(cursor, modes);
    cursor.space();
    const to = mailboxName(cursor, modes);
    cursor.end();
    return async (session) => {
      if (from === undefined) return noSuchMailbox;
      if (to === undefined) return badMailboxName;
      const renamed = await session.account.rename(from, to);
      return renamed.ok ? done("Done") : refused(renamed.error);
    };
  },
};
