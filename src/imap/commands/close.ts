import { SELECTED, plain } from "../command.ts";
import { done, refused } from "../completion.ts";

/** CLOSE: expunges in silence and deselects. RFC 9051 §6.4.1 */
export const close = plain(SELECTED, async (session) => {
  const { box } = session.mailbox;
  if (!box.readOnly) {
    const expunged = await box.expunge();
    if (!expunged.ok) return refused(expunged.error);
  }
  session.deselect();
  return done("Done");
});

/** UNSELECT: deselects and removes nothing. RFC 9051 §6.4.2, RFC 3691 */
export const unselect = plain(SELECTED, async (session) => {
  session.deselect();
  return done("Done");
});
