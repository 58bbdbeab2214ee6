import { positive } from "../reply.ts";
import type { Command } from "../stage.ts";

/** Does nothing. RFC 1939 §5 */
export const noop: Command = {
  when: "transaction",
  argument: "none",
  run: () => ({ reply: positive("Nothing done") }),
};
