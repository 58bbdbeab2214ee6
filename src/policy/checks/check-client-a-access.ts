import type { Check } from "../contract.ts";
import { OWNERS, serverAccessCheck } from "../server-access.ts";

/** Looks up the addresses of the client's confirmed name. */
export const checkClientAAccess: Check = serverAccessCheck("check_client_a_access", OWNERS.client, "a");
