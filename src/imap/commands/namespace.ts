import { LOGGED_IN, plain } from "../command.ts";
import { done } from "../completion.ts";

/** NAMESPACE: everything is personal. RFC 9051 §6.3.10, RFC 2342 */
export const namespace = plain(LOGGED_IN, async (session) => {
  session.untagged('NAMESPACE (("" "/")) NIL NIL');
  return done("Done");
});
