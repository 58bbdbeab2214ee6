import { SUBJECTS } from "../access.ts";
import type { Check } from "../contract.ts";
import { isHostName } from "../host-name.ts";
import { heloLiteralFault } from "../helo-literal.ts";
import { anyRecord } from "../resolve-name.ts";
import { deferIfPermit, dunno, refuse } from "../verdict.ts";

/** Refuses a HELO name without address and MX (S-42). */
export const rejectUnknownHeloHostname: Check = {
  name: "reject_unknown_helo_hostname",
  takes: "nothing",
  async run({ ask, facts, settings }) {
    if (facts.helo === undefined) return dunno({}, "not-applicable");
    if (facts.helo.startsWith("[")) return heloLiteralFault(facts.helo, settings) ?? dunno();
    // As in Postfix, a name with a dot at its end is not looked up.
    const found = isHostName(facts.helo) ? await anyRecord(ask, facts.helo, ["A", "AAAA", "MX"]) : "absent";
    if (found === "exists") return dunno();
    const text = `<${facts.helo}>: ${SUBJECTS.helo} rejected: Host not found`;
    const evidence = { helo: facts.helo };
    if (found === "absent")
      return refuse(settings.codes.unknownHostname, "4.7.1", text, "helo-unknown", evidence);
    return settings.unknownHeloTempfail === "defer"
      ? refuse(450, "4.7.1", text, "helo-not-learned", evidence)
      : deferIfPermit(text, "4.7.1", "helo-not-learned", evidence);
  },
};
