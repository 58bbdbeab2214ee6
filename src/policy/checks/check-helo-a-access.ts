import type { Check } from "../contract.ts";
import { OWNERS, serverAccessCheck } from "../server-access.ts";

/** Looks up the addresses of the HELO name. */
export const checkHeloAAccess: Check = serverAccessCheck("check_helo_a_access", OWNERS.helo, "a");
