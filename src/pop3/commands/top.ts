import { LF } from "../../base/ascii.ts";
import type { Maildrop } from "../backend.ts";
import { parseNumber, parseWords } from "../grammar.ts";
import { POP3_LIMITS } from "../limits.ts";
import { findMessage } from "../message-number.ts";
import { negative } from "../reply.ts";
import type { Command } from "../stage.ts";

/** Sends the header of a message and the first lines of its body. RFC 1939 §7 */
export const top: Command = {
  when: "transaction",
  argument: "required",
  async run({ stage }, argument) {
    const [number, count, ...more] = parseWords(argument) ?? [];
    const lines = count === undefined ? undefined : parseNumber(count, POP3_LIMITS.topLines);
    if (number === undefined || lines === undefined || more.length > 0) {
      return { reply: negative("TOP takes a message number and a number of lines"), fault: "syntax" };
    }
    const found = findMessage(stage, number);
    if (!found.ok) return found.error;
    const octets = await firstLines(stage.maildrop, found.value, lines);
    if (octets === undefined) return { reply: negative("The message is gone") };
    return { reply: { kind: "message", text: "Top of message follows", octets } };
  },
};

/** Header and `lines` lines of the body, read in steps that double. */
async function firstLines(maildrop: Maildrop, index: number, lines: number): Promise<Buffer | undefined> {
  const start = await maildrop.bodyStart(index);
  const size = maildrop.messages[index]?.size_octets ?? 0;
  let step = lines === 0 ? 0 : POP3_LIMITS.topStep_octets;
  for (;;) {
    const octets = await maildrop.octets(index, Math.min(start + step, size));
    if (octets === undefined) return undefined;
    const end = endOfLines(octets, start, lines);
    if (end !== undefined) return octets.subarray(0, end);
    if (start + step >= size) return octets;
    step *= 2;
  }
}

/** Offset after line `lines` of the body; undefined when there are fewer here. */
function endOfLines(octets: Buffer, start: number, lines: number): number | undefined {
  let end = start;
  for (let line = 0; line < lines; line++) {
    const at = octets.indexOf(LF, end);
    if (at < 0) return undefined;
    end = at + 1;
  }
  return end;
}
