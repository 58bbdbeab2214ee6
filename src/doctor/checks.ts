import { AUTHENTICATION_CHECKS } from "./checks/authentication.ts";
import { ATTACK_CHECKS } from "./checks/attack.ts";
import type { Check } from "./checks/check.ts";
import { DNS_CHECKS } from "./checks/dns.ts";
import { OPERATIONS_CHECKS } from "./checks/operations.ts";
import { SMTP_CHECKS } from "./checks/smtp.ts";
import { TRANSPORT_CHECKS } from "./checks/transport.ts";

export { FAMILIES, type Check, type Family } from "./checks/check.ts";

/** Everything the doctor looks at. */
export const CHECKS = {
  ...DNS_CHECKS,
  ...AUTHENTICATION_CHECKS,
  ...TRANSPORT_CHECKS,
  ...SMTP_CHECKS,
  ...OPERATIONS_CHECKS,
  ...ATTACK_CHECKS,
} as const satisfies Readonly<Record<string, Check>>;

export type CheckId = keyof typeof CHECKS;
export const CHECK_IDS = Object.keys(CHECKS) as CheckId[];
export const checkOf = (id: CheckId): Check => CHECKS[id];
