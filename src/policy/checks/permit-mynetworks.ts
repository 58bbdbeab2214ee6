import type { Check } from "../contract.ts";
import { isWithin } from "../settings.ts";
import { dunno, permit } from "../verdict.ts";

/** Permits trusted networks; this machine alone, unless told otherwise (S-31). */
export const permitMynetworks: Check = {
  name: "permit_mynetworks",
  takes: "nothing",
  run: ({ facts, settings }) =>
    isWithin(facts.clientAddress, settings.networks)
      ? permit({ address: facts.clientAddress }, "trusted-network")
      : dunno(),
};
