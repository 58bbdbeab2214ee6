import { positive } from "../reply.ts";
import type { Command } from "../stage.ts";

/** Takes back every mark of DELE. RFC 1939 §5 */
export const rset: Command = {
  when: "transaction",
  argument: "none",
  run({ stage }) {
    stage.deleted.clear();
    return { reply: positive("Nothing is marked") };
  },
};
