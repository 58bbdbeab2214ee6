import { SUBJECTS } from "../access.ts";
import { nonFqdnAddress } from "../address-checks.ts";
import type { Check } from "../contract.ts";

/** Refuses a sender whose domain is not full (S-34). */
export const rejectNonFqdnSender: Check = {
  name: "reject_non_fqdn_sender",
  takes: "nothing",
  run: ({ facts, settings }) => nonFqdnAddress(facts.sender, SUBJECTS.sender, settings),
};
