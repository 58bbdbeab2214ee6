import { LOGGED_IN, type Command } from "../command.ts";
import { done, noSuchMailbox, refused } from "../completion.ts";
import { mailboxName } from "../mailbox-name.ts";
import { statusItems, tellStatus } from "../status-items.ts";

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
      const refusal = await tellStatus(session, name, items);
      return refusal === undefined ? done("Done") : refused(refusal);
    };
  },
};
