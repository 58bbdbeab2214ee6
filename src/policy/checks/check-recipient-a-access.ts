import type { Check } from "../contract.ts";
import { OWNERS, serverAccessCheck } from "../server-access.ts";

/** Looks up the addresses of the recipient's domain. */
export const checkRecipientAAccess: Check = serverAccessCheck(
  "check_recipient_a_access",
  OWNERS.recipient,
  "a",
);
