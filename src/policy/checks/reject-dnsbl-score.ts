import type { Check } from "../contract.ts";
import { refuseScore } from "../list-checks.ts";

/** Refuses where the weighted lists reach this many points (D-05). */
export const rejectDnsblScore: Check = {
  name: "reject_dnsbl_score",
  takes: "number",
  run: (context) => refuseScore(context),
};
