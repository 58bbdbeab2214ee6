import type { Check } from "../contract.ts";
import { OWNERS, serverAccessCheck } from "../server-access.ts";

/** Looks up the name servers of the client's confirmed name. */
export const checkClientNsAccess: Check = serverAccessCheck("check_client_ns_access", OWNERS.client, "ns");
