import { SUBJECTS } from "../access.ts";
import type { Check } from "../contract.ts";
import { refuseListedDomain } from "../list-checks.ts";

/** Refuses where a DNS list of domains names that of the recipient. */
export const rejectRhsblRecipient: Check = {
  name: "reject_rhsbl_recipient",
  takes: "zone",
  run: (context) => refuseListedDomain(context, context.facts.recipient, SUBJECTS.recipient),
};
