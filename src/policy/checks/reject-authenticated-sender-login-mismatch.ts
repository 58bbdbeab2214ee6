import type { Check } from "../contract.ts";
import { notOwned } from "../login-mismatch.ts";
import { dunno } from "../verdict.ts";

/** A login may use its own addresses only (D-24). */
export const rejectAuthenticatedSenderLoginMismatch: Check = {
  name: "reject_authenticated_sender_login_mismatch",
  takes: "nothing",
  run: ({ facts }) => notOwned(facts) ?? dunno(),
};
