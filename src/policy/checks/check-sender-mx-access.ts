import type { Check } from "../contract.ts";
import { OWNERS, serverAccessCheck } from "../server-access.ts";

/** Looks up the mail exchangers of the sender's domain. */
export const checkSenderMxAccess: Check = serverAccessCheck("check_sender_mx_access", OWNERS.sender, "mx");
