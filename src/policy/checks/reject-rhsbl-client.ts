import { SUBJECTS } from "../access.ts";
import type { Check } from "../contract.ts";
import { refuseListedDomain } from "../list-checks.ts";

/** Refuses where a DNS list of domains names that of the client. */
export const rejectRhsblClient: Check = {
  name: "reject_rhsbl_client",
  takes: "zone",
  run: (context) => refuseListedDomain(context, context.facts.clientName, SUBJECTS.client),
};
