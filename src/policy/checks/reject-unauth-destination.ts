import type { Check } from "../contract.ts";
import { dunno, refuse } from "../verdict.ts";

/** Refuses mail for domains that are not ours. Relay control itself needs no rule (S-35). */
export const rejectUnauthDestination: Check = {
  name: "reject_unauth_destination",
  takes: "nothing",
  run({ facts, settings }) {
    if (facts.recipient === undefined || facts.recipientIsOurs) return dunno();
    return refuse(settings.codes.relay, "5.7.1", `<${facts.recipient}>: Relay access denied`, "relay-denied");
  },
};
