import { whenHere } from "../../base/soon.ts";
import { SUBJECTS } from "../access.ts";
import type { Check, CheckContext } from "../contract.ts";
import { isHostName } from "../host-name.ts";
import { heloLiteralFault } from "../helo-literal.ts";
import { anyRecord, type Existence } from "../resolve-name.ts";
import { deferIfPermit, dunno, noOpinion, refuse, type Verdict } from "../verdict.ts";

/** Refuses a HELO name without address and MX (S-42). */
export const rejectUnknownHeloHostname: Check = {
  name: "reject_unknown_helo_hostname",
  takes: "nothing",
  run(context) {
    const { helo } = context.facts;
    if (helo === undefined) return noOpinion("not-applicable");
    if (helo.startsWith("[")) return heloLiteralFault(helo, context.settings) ?? dunno();
    // As in Postfix, a name with a dot at its end is not looked up.
    const found = isHostName(helo) ? anyRecord(context.ask, helo, ["A", "AAAA", "MX"]) : "absent";
    return whenHere(found, (existence) => verdictOf(existence, helo, context));
  },
};

function verdictOf(found: Existence, helo: string, { settings }: CheckContext): Verdict {
  if (found === "exists") return dunno();
  const text = `<${helo}>: ${SUBJECTS.helo} rejected: Host not found`;
  const evidence = { helo };
  if (found === "absent")
    return refuse(settings.codes.unknownHostname, "4.7.1", text, "helo-unknown", evidence);
  return settings.unknownHeloTempfail === "defer"
    ? refuse(450, "4.7.1", text, "helo-not-learned", evidence)
    : deferIfPermit(text, "4.7.1", "helo-not-learned", evidence);
}
