import { noArgument } from "../answers.ts";
import { closing, constant, reply, type Reply } from "../reply.ts";
import type { Said } from "../state.ts";

/** QUIT: goodbye. RFC 5321 §4.1.1.10 */
export function quit({ argument }: Said): Reply {
  return argument === "" ? bye : noArgument("QUIT");
}

const bye = constant(closing(reply(221, "2.0.0", "Bye")));
