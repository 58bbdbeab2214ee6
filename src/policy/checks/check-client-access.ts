import { accessCheck, SUBJECTS } from "../access.ts";
import type { Check } from "../contract.ts";
import { clientLabel } from "../facts.ts";

/** Looks up confirmed name, parent domains, address and networks of the client (S-39). */
export const checkClientAccess: Check = accessCheck("check_client_access", ({ facts }) => ({
  search: { by: "host", name: facts.clientName, address: facts.clientAddress },
  subject: { name: clientLabel(facts), what: SUBJECTS.client },
}));
