import type { Check } from "../contract.ts";
import { tagListedLink } from "../link-checks.ts";

/** Ours, not Postfix's: files as junk where a DNS list of domains names the host of a link in the message (S-70). */
export const tagRhsblBody: Check = {
  name: "tag_rhsbl_body",
  takes: "zone",
  links: true,
  run: (context) => tagListedLink(context),
};
