import { SUBJECTS } from "../access.ts";
import type { Check } from "../contract.ts";
import { heloLiteralFault } from "../helo-literal.ts";
import { isHostName, withoutFinalDot } from "../host-name.ts";
import { dunno, noOpinion, refuse } from "../verdict.ts";

/** Refuses a HELO that is neither a full name nor an address literal (S-44). */
export const rejectNonFqdnHeloHostname: Check = {
  name: "reject_non_fqdn_helo_hostname",
  takes: "nothing",
  run({ facts, settings }) {
    if (facts.helo === undefined) return noOpinion("not-applicable");
    if (facts.helo.startsWith("[")) return heloLiteralFault(facts.helo, settings) ?? dunno();
    const name = withoutFinalDot(facts.helo);
    if (isHostName(name) && name.includes(".")) return dunno();
    const text = `<${facts.helo}>: ${SUBJECTS.helo} rejected: need fully-qualified hostname`;
    return refuse(settings.codes.nonFqdn, "5.5.2", text, "helo-not-full", { helo: facts.helo });
  },
};
