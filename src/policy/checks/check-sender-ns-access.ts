import type { Check } from "../contract.ts";
import { OWNERS, serverAccessCheck } from "../server-access.ts";

/** Looks up the name servers of the sender's domain. */
export const checkSenderNsAccess: Check = serverAccessCheck("check_sender_ns_access", OWNERS.sender, "ns");
