import { findMessage } from "../message-number.ts";
import { negative } from "../reply.ts";
import type { Command } from "../stage.ts";

/**
 * Sends a message, octet for octet. RFC 1939 §5
 *
 * Deviation: also before UTF8 and with octets above 0x7F in the header (RFC 6856 §2.1 asks for a surrogate or a
 * refusal). A client that cannot read one name still gets its mail.
 */
export const retr: Command = {
  when: "transaction",
  argument: "required",
  async run({ stage }, argument) {
    const found = findMessage(stage, argument);
    if (!found.ok) return found.error;
    const octets = await stage.maildrop.octets(found.value);
    if (octets === undefined) return { reply: negative("The message is gone") };
    return { reply: { kind: "message", text: `${octets.length} octets`, octets } };
  },
};
