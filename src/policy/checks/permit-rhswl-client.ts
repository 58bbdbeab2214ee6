import type { Check } from "../contract.ts";
import { permitListedName } from "../list-checks.ts";

/** Permits clients whose confirmed name a list of good domains names, for recipients of ours only. */
export const permitRhswlClient: Check = {
  name: "permit_rhswl_client",
  takes: "zone",
  run: (context) => permitListedName(context),
};
