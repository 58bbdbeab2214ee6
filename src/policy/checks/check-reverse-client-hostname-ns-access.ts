import type { Check } from "../contract.ts";
import { OWNERS, serverAccessCheck } from "../server-access.ts";

/** Looks up the name servers of the client's unconfirmed name. */
export const checkReverseClientHostnameNsAccess: Check = serverAccessCheck(
  "check_reverse_client_hostname_ns_access",
  OWNERS.reverseClient,
  "ns",
);
