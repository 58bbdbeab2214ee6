import { accessCheck, SUBJECTS } from "../access.ts";
import type { Check } from "../contract.ts";

/** Looks up the unconfirmed name, which its owner chose: an OK is not honoured. */
export const checkReverseClientHostnameAccess: Check = accessCheck(
  "check_reverse_client_hostname_access",
  ({ facts }) => ({
    search: { by: "host", name: facts.reverseClientName, address: facts.clientAddress },
    subject: { name: facts.reverseClientName, what: SUBJECTS.reverseClient },
  }),
  "never",
);
