import { findMessage } from "../message-number.ts";
import { positive } from "../reply.ts";
import type { Command } from "../stage.ts";

/** Marks a message; it is removed at QUIT and only then. RFC 1939 §5 */
export const dele: Command = {
  when: "transaction",
  argument: "required",
  run({ stage }, argument) {
    const found = findMessage(stage, argument);
    if (!found.ok) return found.error;
    stage.deleted.add(found.value);
    return { reply: positive(`Message ${found.value + 1} marked`) };
  },
};
