import { ANY, type Command } from "../command.ts";
import { done } from "../completion.ts";
import { IMAP_LIMITS } from "../limits.ts";

/** ID: we name the product and not its version (E-11). RFC 2971 */
export const id: Command = {
  states: ANY,
  parse(cursor) {
    cursor.space();
    if (!cursor.take("NIL")) {
      cursor.list(() => cursor.nstring(), IMAP_LIMITS.idFields * 2);
    }
    cursor.end();
    return async (session) => {
      session.untagged('ID ("name" "Wachpost")');
      return done("Done");
    };
  },
};
