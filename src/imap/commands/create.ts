import { LOGGED_IN, type Command } from "../command.ts";
import { badMailboxName, done, refused } from "../completion.ts";
import { mailboxName } from "../mailbox-name.ts";

/** CREATE, with USE for a special use. RFC 9051 §6.3.4, RFC 6154 §3 */
export const create: Command = {
  states: LOGGED_IN,
  parse(cursor, modes) {
    cursor.space();
    const name = mailboxName(cursor, modes);
    let specialUse: string | undefined;
    if (cursor.take(" (USE ")) {
      [specialUse] = cursor.list(() => {
        cursor.expect("\\");
        return `\\${cursor.atom()}`;
      }, 1);
      cursor.expect(")");
    }
    cursor.end();
    return async (session) => {
      if (name === undefined) return badMailboxName;
      const created = await session.account.create(name, specialUse);
      return created.ok ? done("Done", `MAILBOXID (${created.value.mailboxId})`) : refused(created.error);
    };
  },
};
