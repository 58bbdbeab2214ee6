import { accessCheck, SUBJECTS } from "../access.ts";
import type { Check } from "../contract.ts";

/** Looks up recipient, domain, parent domains, local part. */
export const checkRecipientAccess: Check = accessCheck("check_recipient_access", ({ facts: { recipient } }) =>
  recipient === undefined
    ? undefined
    : { search: { by: "mail", address: recipient }, subject: { name: recipient, what: SUBJECTS.recipient } },
);
