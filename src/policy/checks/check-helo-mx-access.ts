import type { Check } from "../contract.ts";
import { OWNERS, serverAccessCheck } from "../server-access.ts";

/** Looks up the mail exchangers of the HELO name. */
export const checkHeloMxAccess: Check = serverAccessCheck("check_helo_mx_access", OWNERS.helo, "mx");
