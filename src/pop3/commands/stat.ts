import { remaining, remainingOctets } from "../message-number.ts";
import { positive } from "../reply.ts";
import type { Command } from "../stage.ts";

/** Number and octets of the messages not marked as deleted. RFC 1939 §5 */
export const stat: Command = {
  when: "transaction",
  argument: "none",
  run: ({ stage }) => ({ reply: positive(`${remaining(stage).length} ${remainingOctets(stage)}`) }),
};
