import { parseIp } from "../../base/ip.ts";
import { SUBJECTS } from "../access.ts";
import type { Check } from "../contract.ts";
import { heloLiteralFault } from "../helo-literal.ts";
import { isHostName, withoutFinalDot } from "../host-name.ts";
import { dunno, noOpinion, refuse } from "../verdict.ts";

/** Refuses a HELO that is neither name nor address (S-43). */
export const rejectInvalidHeloHostname: Check = {
  name: "reject_invalid_helo_hostname",
  takes: "nothing",
  run({ facts, settings }) {
    if (facts.helo === undefined) return noOpinion("not-applicable");
    if (facts.helo.startsWith("[")) return heloLiteralFault(facts.helo, settings) ?? dunno();
    const name = withoutFinalDot(facts.helo);
    if (isHostName(name) || parseIp(name) !== undefined) return dunno();
    const text = `<${facts.helo}>: ${SUBJECTS.helo} rejected: Invalid name`;
    return refuse(settings.codes.invalidHostname, "5.5.2", text, "invalid-helo", { helo: facts.helo });
  },
};
