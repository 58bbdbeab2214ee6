import { accessCheck, SUBJECTS } from "../access.ts";
import type { Check } from "../contract.ts";

/** Looks up the login. */
export const checkSaslAccess: Check = accessCheck("check_sasl_access", ({ facts: { login } }) =>
  login === undefined
    ? undefined
    : { search: { by: "key", key: login }, subject: { name: login, what: SUBJECTS.login } },
);
