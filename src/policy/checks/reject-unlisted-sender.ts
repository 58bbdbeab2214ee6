import { SUBJECTS } from "../access.ts";
import type { Check } from "../contract.ts";
import { dunno, refuse } from "../verdict.ts";

/** Refuses a sender in a domain of ours that nobody there has (S-50). */
export const rejectUnlistedSender: Check = {
  name: "reject_unlisted_sender",
  takes: "nothing",
  run({ facts }) {
    if (facts.sender === undefined || facts.sender === "" || facts.senderExists) return dunno();
    const text = `<${facts.sender}>: ${SUBJECTS.sender} rejected: User unknown`;
    return refuse(550, "5.1.0", text, "unknown-sender", { sender: facts.sender });
  },
};
