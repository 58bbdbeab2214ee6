import type { Check } from "../contract.ts";
import { dunno, refuse } from "../verdict.ts";

/** Refuses a bounce for several: real ones have one recipient (S-50). */
export const rejectMultiRecipientBounce: Check = {
  name: "reject_multi_recipient_bounce",
  takes: "nothing",
  run({ facts, settings, stage, subject }) {
    // At RCPT the one being judged is not counted yet.
    const allowed = stage === "data" || stage === "end-of-data" ? 1 : 0;
    if (facts.sender !== "" || facts.recipientCount <= allowed) return dunno();
    const text = `<${subject.name}>: ${subject.what} rejected: Multi-recipient bounce`;
    return refuse(settings.codes.multiRecipientBounce, "5.5.3", text, "multi-recipient-bounce", {
      recipients: facts.recipientCount,
    });
  },
};
