import type { Check } from "../contract.ts";
import { notLoggedIn, notOwned } from "../login-mismatch.ts";
import { dunno } from "../verdict.ts";

/** As reject_sender_login_mismatch, but only for addresses that somebody owns. */
export const rejectKnownSenderLoginMismatch: Check = {
  name: "reject_known_sender_login_mismatch",
  takes: "nothing",
  run: ({ facts }) =>
    facts.senderOwner === "nobody" ? dunno() : (notOwned(facts) ?? notLoggedIn(facts) ?? dunno()),
};
