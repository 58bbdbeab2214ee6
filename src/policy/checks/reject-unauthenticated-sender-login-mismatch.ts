import type { Check } from "../contract.ts";
import { notLoggedIn } from "../login-mismatch.ts";
import { dunno } from "../verdict.ts";

/** Addresses that a login owns need that login. */
export const rejectUnauthenticatedSenderLoginMismatch: Check = {
  name: "reject_unauthenticated_sender_login_mismatch",
  takes: "nothing",
  run: ({ facts }) => notLoggedIn(facts) ?? dunno(),
};
