import { parseDomain } from "../../base/domain-name.ts";
import { reasonOf } from "../../doctor/probes/answers.ts";
import { verbatim } from "../../doctor/words/seen.ts";
import { good, unsure, warned, type PreflightCheck } from "./finding.ts";

/** Top-level zones that have been signed for years. */
const SIGNED = ["org", "net", "com"];

/** A resolver that validates, on this machine: its word cannot be changed on the way. RFC 6698 §7 */
export const resolverCheck: PreflightCheck = async ({ net: { dns } }) => {
  let reason = "";
  for (const text of SIGNED) {
    const zone = parseDomain(text);
    const answer = zone && (await dns.query(zone, "NS"));
    if (answer?.kind !== "records") {
      reason = answer === undefined ? reason : reasonOf(answer);
      continue;
    }
    return answer.authenticated
      ? [good("resolver", verbatim(`${text}:`, "AD"))]
      : [warned("resolver", verbatim(`${text}:`, "-"), "resolver-remote")];
  }
  return [unsure("resolver", "", "resolver-silent", { reason })];
};
