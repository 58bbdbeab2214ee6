import type { Check } from "../contract.ts";
import { OWNERS, serverAccessCheck } from "../server-access.ts";

/** Looks up the name servers of the HELO name. */
export const checkHeloNsAccess: Check = serverAccessCheck("check_helo_ns_access", OWNERS.helo, "ns");
