import type { Check } from "../contract.ts";
import { OWNERS, serverAccessCheck } from "../server-access.ts";

/** Looks up the mail exchangers of the client's unconfirmed name. */
export const checkReverseClientHostnameMxAccess: Check = serverAccessCheck(
  "check_reverse_client_hostname_mx_access",
  OWNERS.reverseClient,
  "mx",
);
