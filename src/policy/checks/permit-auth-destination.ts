import type { Check } from "../contract.ts";
import { dunno, permit } from "../verdict.ts";

/** Permits mail for our own domains. */
export const permitAuthDestination: Check = {
  name: "permit_auth_destination",
  takes: "nothing",
  run: ({ facts }) =>
    facts.recipient !== undefined && facts.recipientIsOurs ? permit({}, "our-domain") : dunno(),
};
