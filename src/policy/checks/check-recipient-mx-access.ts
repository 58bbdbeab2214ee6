import type { Check } from "../contract.ts";
import { OWNERS, serverAccessCheck } from "../server-access.ts";

/** Looks up the mail exchangers of the recipient's domain. */
export const checkRecipientMxAccess: Check = serverAccessCheck(
  "check_recipient_mx_access",
  OWNERS.recipient,
  "mx",
);
