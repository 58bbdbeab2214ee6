import { MAILBOX_ATTACKS } from "./attack-mailbox.ts";
import { SMTP_ATTACKS } from "./attack-smtp.ts";

export const ATTACK_CHECKS = { ...SMTP_ATTACKS, ...MAILBOX_ATTACKS } as const;
