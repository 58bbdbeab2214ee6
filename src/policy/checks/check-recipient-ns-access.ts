import type { Check } from "../contract.ts";
import { OWNERS, serverAccessCheck } from "../server-access.ts";

/** Looks up the name servers of the recipient's domain. */
export const checkRecipientNsAccess: Check = serverAccessCheck(
  "check_recipient_ns_access",
  OWNERS.recipient,
  "ns",
);
