import { accessCheck, SUBJECTS } from "../access.ts";
import type { Check } from "../contract.ts";

/** Looks up the HELO name and its parent domains. */
export const checkHeloAccess: Check = accessCheck("check_helo_access", ({ facts: { helo } }) =>
  helo === undefined
    ? undefined
    : { search: { by: "name", name: helo }, subject: { name: helo, what: SUBJECTS.helo } },
);
