import type { Check } from "../contract.ts";
import { notLoggedIn, notOwned } from "../login-mismatch.ts";
import { dunno } from "../verdict.ts";

/** Both ways: a login may use its own addresses only, and owned addresses need their login. */
export const rejectSenderLoginMismatch: Check = {
  name: "reject_sender_login_mismatch",
  takes: "nothing",
  run: ({ facts }) => notOwned(facts) ?? notLoggedIn(facts) ?? dunno(),
};
