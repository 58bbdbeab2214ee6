import type { Check } from "../contract.ts";
import { POLICY_LIMITS } from "../limits.ts";

/** Holds the client for some seconds; bounded, and a tag for those who own the clock. */
export const sleep: Check = {
  name: "sleep",
  takes: "number",
  run({ argument }) {
    const seconds = Math.min(Number(argument), POLICY_LIMITS.sleepMax_s);
    return {
      kind: "tag",
      reason: "sleep",
      evidence: { seconds },
      tag: { kind: "delay", value: String(seconds) },
    };
  },
};
