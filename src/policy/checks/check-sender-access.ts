import { accessCheck, SUBJECTS } from "../access.ts";
import type { Check } from "../contract.ts";

/** Looks up sender, domain, parent domains, local part; an OK counts where SPF passed (S-40). */
export const checkSenderAccess: Check = accessCheck(
  "check_sender_access",
  ({ facts: { sender }, settings }) =>
    sender === undefined
      ? undefined
      : {
          search:
            sender === "" ? { by: "key", key: settings.nullSenderKey } : { by: "mail", address: sender },
          subject: { name: sender, what: SUBJECTS.sender },
        },
  "proven-sender",
);
