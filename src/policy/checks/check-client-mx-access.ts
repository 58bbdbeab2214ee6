import type { Check } from "../contract.ts";
import { OWNERS, serverAccessCheck } from "../server-access.ts";

/** Looks up the mail exchangers of the client's confirmed name. */
export const checkClientMxAccess: Check = serverAccessCheck("check_client_mx_access", OWNERS.client, "mx");
