import { LOGGED_IN, type Command } from "../command.ts";
import { done, noSuchMailbox, refused } from "../completion.ts";
import { mailboxName } from "../mailbox-name.ts";

/** DELETE. RFC 9051 §6.3.5 */
export const deleteMailbox: Command = {
  states: LOGGED_IN,
  parse(cursor, modes) {
    cursor.space();
    const name = mailboxName(cursor, modes);
    cursor.end();
    return async (session) => {
      if (name === undefined) return noSuchMailbox;
      const deleted = await session.account.delete(name);
      if (!deleted.ok) return refused(deleted.error);
      return done("Done");
    };
  },
};
