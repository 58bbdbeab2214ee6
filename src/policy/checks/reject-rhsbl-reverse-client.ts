import { SUBJECTS } from "../access.ts";
import type { Check } from "../contract.ts";
import { refuseListedDomain } from "../list-checks.ts";

/** Refuses where a DNS list of domains names that of the reverse client. */
export const rejectRhsblReverseClient: Check = {
  name: "reject_rhsbl_reverse_client",
  takes: "zone",
  run: (context) => refuseListedDomain(context, context.facts.reverseClientName, SUBJECTS.reverseClient),
};
