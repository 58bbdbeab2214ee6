import type { Check } from "../contract.ts";
import { dunno } from "../verdict.ts";

/** No opinion; the next rule is asked. */
export const dunnoRule: Check = {
  name: "dunno",
  takes: "nothing",
  run: () => dunno(),
};
