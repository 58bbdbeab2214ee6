import { negative, positive } from "../reply.ts";
import type { Command } from "../stage.ts";

/** Starts TLS; what was said before is forgotten. RFC 2595 §4 */
export const stls: Command = {
  when: "authorization",
  argument: "none",
  run({ facts, canStartTls }) {
    if (facts.tls !== undefined) return { reply: negative("TLS is active already"), fault: "syntax" };
    if (!canStartTls) return { reply: negative("TLS is not offered here"), fault: "syntax" };
    return { reply: { ...positive("Begin TLS"), next: "tls" }, stage: { kind: "authorization" } };
  },
};
