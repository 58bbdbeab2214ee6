import { SUBJECTS } from "../access.ts";
import { nonFqdnAddress } from "../address-checks.ts";
import type { Check } from "../contract.ts";

/** Refuses a recipient whose domain is not full (S-47). */
export const rejectNonFqdnRecipient: Check = {
  name: "reject_non_fqdn_recipient",
  takes: "nothing",
  run: ({ facts, settings }) => nonFqdnAddress(facts.recipient, SUBJECTS.recipient, settings),
};
