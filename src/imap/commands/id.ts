import { ANY, type Command } from "../command.ts";
import { done } from "../completion.ts";
import type { Cursor } from "../cursor.ts";
import { IMAP_LIMITS } from "../limits.ts";

/** ID: we name the product and not its version (E-11). RFC 2971 */
export const id: Command = {
  states: ANY,
  parse(cursor) {
    cursor.space();
    if (!cursor.take("NIL")) cursor.list(() => idField(cursor), IMAP_LIMITS.idFields);
    cursor.end();
    return async (session) => {
      session.untagged('ID ("name" "Wachpost")');
      return done("Done");
    };
  },
};

/** string SP nstring. RFC 2971 §4 */
function idField(cursor: Cursor): void {
  cursor.string();
  cursor.space();
  cursor.nstring();
}
