import type { Check } from "../contract.ts";
import { OWNERS, serverAccessCheck } from "../server-access.ts";

/** Looks up the addresses of the sender's domain. */
export const checkSenderAAccess: Check = serverAccessCheck("check_sender_a_access", OWNERS.sender, "a");
