import { unknownAddressDomain } from "../address-checks.ts";
import type { Check } from "../contract.ts";

/** Refuses a sender domain to which no mail can go; ours are not asked about. (S-33) */
export const rejectUnknownSenderDomain: Check = {
  name: "reject_unknown_sender_domain",
  takes: "nothing",
  run: (context) => unknownAddressDomain(context, "sender"),
};
