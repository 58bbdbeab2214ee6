import { ANY, plain } from "../command.ts";
import { done } from "../completion.ts";

/** LOGOUT. RFC 9051 §6.1.3 */
export const logout = plain(ANY, async (session) => {
  session.untagged("BYE Goodbye");
  session.logOut();
  return done("Done");
});
