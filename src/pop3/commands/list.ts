import type { Maildrop } from "../backend.ts";
import { findMessage, remaining, remainingOctets } from "../message-number.ts";
import { positive } from "../reply.ts";
import type { Command } from "../stage.ts";

/** Sizes of all messages or of one. RFC 1939 §5 */
export const list: Command = {
  when: "transaction",
  argument: "optional",
  run({ stage }, argument) {
    const lineOf = (index: number): string => scanListing(stage.maildrop, index);
    if (argument !== "") {
      const found = findMessage(stage, argument);
      return found.ok ? { reply: positive(lineOf(found.value)) } : found.error;
    }
    const indexes = remaining(stage);
    const text = `${indexes.length} messages (${remainingOctets(stage)} octets)`;
    return { reply: { kind: "listing", text, lines: indexes.map(lineOf) } };
  },
};

const scanListing = (maildrop: Maildrop, index: number): string =>
  `${index + 1} ${maildrop.messages[index]?.size_octets ?? 0}`;
