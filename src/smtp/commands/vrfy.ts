import { syntax } from "../answers.ts";
import { reply, type Reply } from "../reply.ts";
import type { Said } from "../state.ts";

/** VRFY: the same answer for everybody, so that it tells nothing. RFC 5321 §7.3, T-05 */
export function vrfy({ argument }: Said): Reply {
  if (argument === "") return syntax("VRFY address");
  return reply(252, "2.1.5", "Send mail and see");
}
