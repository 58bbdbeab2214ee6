import { findMessage, remaining } from "../message-number.ts";
import { positive } from "../reply.ts";
import type { Command } from "../stage.ts";

/** Unique ids of all messages or of one; the same in every session. RFC 1939 §7 */
export const uidl: Command = {
  when: "transaction",
  argument: "optional",
  run({ stage }, argument) {
    const lineOf = (index: number): string =>
      `${index + 1} ${stage.maildrop.messages[index]?.uniqueId ?? ""}`;
    if (argument !== "") {
      const found = findMessage(stage, argument);
      return found.ok ? { reply: positive(lineOf(found.value)) } : found.error;
    }
    return { reply: { kind: "listing", text: "Unique ids follow", lines: remaining(stage).map(lineOf) } };
  },
};
