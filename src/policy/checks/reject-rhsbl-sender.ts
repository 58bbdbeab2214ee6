import { SUBJECTS } from "../access.ts";
import type { Check } from "../contract.ts";
import { refuseListedDomain } from "../list-checks.ts";

/** Refuses where a DNS list of domains names that of the sender. */
export const rejectRhsblSender: Check = {
  name: "reject_rhsbl_sender",
  takes: "zone",
  run: (context) => refuseListedDomain(context, context.facts.sender, SUBJECTS.sender),
};
