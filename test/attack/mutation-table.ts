import type { Mutation } from "./mutation.ts";
import { LOGIN_MUTATIONS } from "./mutations-login.ts";
import { MAILBOX_MUTATIONS } from "./mutations-mailbox.ts";
import { SMTP_MUTATIONS } from "./mutations-smtp.ts";

export const MUTATIONS: readonly Mutation[] = [...SMTP_MUTATIONS, ...LOGIN_MUTATIONS, ...MAILBOX_MUTATIONS];
