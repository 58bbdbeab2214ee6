import { ANY, plain } from "../command.ts";
import { done } from "../completion.ts";

/** CAPABILITY. RFC 9051 §6.1.1 */
export const capability = plain(ANY, async (session) => {
  session.untagged(`CAPABILITY ${session.capabilities}`);
  return done("Done");
});
