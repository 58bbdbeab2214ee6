import type { Check } from "../contract.ts";
import { OWNERS, serverAccessCheck } from "../server-access.ts";

/** Looks up the addresses of the client's unconfirmed name. */
export const checkReverseClientHostnameAAccess: Check = serverAccessCheck(
  "check_reverse_client_hostname_a_access",
  OWNERS.reverseClient,
  "a",
);
