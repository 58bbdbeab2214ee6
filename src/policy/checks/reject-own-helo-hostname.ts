import { SUBJECTS } from "../access.ts";
import type { Check } from "../contract.ts";
import { dunno, refuse } from "../verdict.ts";

/** Refuses a stranger who greets with a name or address of this server (S-46). Not in Postfix, where a table does it. */
export const rejectOwnHeloHostname: Check = {
  name: "reject_own_helo_hostname",
  takes: "nothing",
  run({ facts }) {
    if (facts.helo === undefined || facts.heloIsOurs !== true) return dunno();
    const text = `<${facts.helo}>: ${SUBJECTS.helo} rejected: that is the name of this server`;
    return refuse(550, "5.7.1", text, "helo-is-ours", { helo: facts.helo });
  },
};
