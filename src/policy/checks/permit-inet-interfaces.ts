import type { Check } from "../contract.ts";
import { isWithin } from "../settings.ts";
import { dunno, permit } from "../verdict.ts";

/** Permits this machine itself. */
export const permitInetInterfaces: Check = {
  name: "permit_inet_interfaces",
  takes: "nothing",
  run: ({ facts, settings }) =>
    isWithin(facts.clientAddress, settings.interfaces)
      ? permit({ address: facts.clientAddress }, "own-address")
      : dunno(),
};
