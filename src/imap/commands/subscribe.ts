import { LOGGED_IN, type Command } from "../command.ts";
import { done, noSuchMailbox, refused } from "../completion.ts";
import { mailboxName } from "../mailbox-name.ts";

/** SUBSCRIBE. RFC 9051 §6.3.7 */
export const subscribe: Command = subscribing(true);
/** UNSUBSCRIBE. RFC 9051 §6.3.8 */
export const unsubscribe: Command = subscribing(false);

function subscribing(subscribed: boolean): Command {
  return {
    states: LOGGED_IN,
    parse(cursor, modes) {
      cursor.space();
      const name = mailboxName(cursor, modes);
      cursor.end();
      return async (session) => {
        if (name === undefined) return noSuchMailbox;
        const changed = await session.account.subscribe(name, subscribed);
        return changed.ok ? done("Done") : refused(changed.error);
      };
    },
  };
}
