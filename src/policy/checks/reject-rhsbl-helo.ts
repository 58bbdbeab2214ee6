import { SUBJECTS } from "../access.ts";
import type { Check } from "../contract.ts";
import { refuseListedDomain } from "../list-checks.ts";

/** Refuses where a DNS list of domains names that of the helo. */
export const rejectRhsblHelo: Check = {
  name: "reject_rhsbl_helo",
  takes: "zone",
  run: (context) => refuseListedDomain(context, context.facts.helo, SUBJECTS.helo),
};
