import type { Check } from "../contract.ts";
import { dunno, refuse } from "../verdict.ts";

/** Refuses sessions without TLS. */
export const rejectPlaintextSession: Check = {
  name: "reject_plaintext_session",
  takes: "nothing",
  run: ({ facts, settings }) =>
    facts.encrypted
      ? dunno()
      : refuse(settings.codes.plaintext, "4.7.1", "Session encryption is required", "not-encrypted"),
};
