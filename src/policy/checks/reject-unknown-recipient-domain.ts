import { unknownAddressDomain } from "../address-checks.ts";
import type { Check } from "../contract.ts";

/** Refuses a recipient domain to which no mail can go; ours are not asked about. */
export const rejectUnknownRecipientDomain: Check = {
  name: "reject_unknown_recipient_domain",
  takes: "nothing",
  run: (context) => unknownAddressDomain(context, "recipient"),
};
