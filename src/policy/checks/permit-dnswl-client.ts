import type { Check } from "../contract.ts";
import { permitListedAddress } from "../list-checks.ts";

/** Permits clients that a list of good addresses names, for recipients of ours only (S-48). */
export const permitDnswlClient: Check = {
  name: "permit_dnswl_client",
  takes: "zone",
  run: (context) => permitListedAddress(context),
};
