import type { Check } from "../contract.ts";
import { tagScore } from "../list-checks.ts";

/** Files as junk where the weighted lists reach this many points (D-05). */
export const tagDnsblScore: Check = {
  name: "tag_dnsbl_score",
  takes: "number",
  run: (context) => tagScore(context),
};
