import { noArgument } from "../answers.ts";
import { reply, type Reply } from "../reply.ts";
import type { Move, Said } from "../state.ts";

/** RSET: forget the transaction, keep the session. RFC 5321 §4.1.1.5 */
export function rset({ argument }: Said): Reply | Move {
  if (argument !== "") return noArgument("RSET");
  return { kind: "reset", reply: reply(250, "2.0.0", "Ok") };
}
