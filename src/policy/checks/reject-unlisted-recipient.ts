import { SUBJECTS } from "../access.ts";
import type { Check } from "../contract.ts";
import { dunno, refuse } from "../verdict.ts";

/** Refuses a recipient nobody here has; done at the end in any case. */
export const rejectUnlistedRecipient: Check = {
  name: "reject_unlisted_recipient",
  takes: "nothing",
  run({ facts }) {
    if (facts.recipient === undefined || facts.recipientExists) return dunno();
    const text = `<${facts.recipient}>: ${SUBJECTS.recipient} rejected: User unknown`;
    return refuse(550, "5.1.1", text, "unknown-recipient", { recipient: facts.recipient });
  },
};
