import type { Check } from "../contract.ts";
import { permit } from "../verdict.ts";

/** Ends this list with yes. */
export const permitRule: Check = {
  name: "permit",
  takes: "nothing",
  run: () => permit({}, "permit"),
};
