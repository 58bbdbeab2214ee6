import { SUBJECTS } from "./access.ts";
import { addressOfLiteral } from "./host-name.ts";
import type { PolicySettings } from "./settings.ts";
import { refuse, type Verdict } from "./verdict.ts";

/** Refuses a HELO in brackets that holds no address; undefined where it does. RFC 5321 §4.1.3 */
export function heloLiteralFault(helo: string, settings: PolicySettings): Verdict | undefined {
  if (addressOfLiteral(helo) !== undefined) return undefined;
  const text = `<${helo}>: ${SUBJECTS.helo} rejected: invalid ip address`;
  return refuse(settings.codes.invalidHostname, "5.5.2", text, "invalid-helo", { helo });
}
