import type { Check } from "../contract.ts";
import { refuseListedLink } from "../link-checks.ts";

/** Ours, not Postfix's: refuses where a DNS list of domains names the host of a link in the message (S-70). */
export const rejectRhsblBody: Check = {
  name: "reject_rhsbl_body",
  takes: "zone",
  links: true,
  run: (context) => refuseListedLink(context),
};
