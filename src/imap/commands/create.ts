import { LOGGED_IN, type Command } from "../command.ts";
import { badMailboxName, done, no, refused } from "../completion.ts";
import type { Cursor } from "../cursor.ts";
import { mailboxName } from "../mailbox-name.ts";

/** CREATE, with USE for a special use. RFC 9051 §6.3.4, RFC 6154 §3 */
export const create: Command = {
  states: LOGGED_IN,
  parse(cursor, modes) {
    cursor.space();
    const name = mailboxName(cursor, modes);
    const uses = cursor.take(" (USE ") ? specialUses(cursor) : [];
    cursor.end();
    return async (session) => {
      if (name === undefined) return badMailboxName;
      if (uses.length > 1) return no("A mailbox has one special use", "USEATTR");
      const [specialUse] = uses;
      const created = await session.account.create(name, specialUse);
      return created.ok ? done("Done", `MAILBOXID (${created.value.mailboxId})`) : refused(created.error);
    };
  },
};

/** use-attr *(SP use-attr) ")" ")". RFC 6154 §6 */
function specialUses(cursor: Cursor): string[] {
  const uses = cursor.list(() => {
    cursor.expect("\\");
    return `\\${cursor.atom()}`;
  }, 10);
  cursor.expect(")");
  return uses;
}
