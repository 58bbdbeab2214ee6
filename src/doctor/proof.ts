import type { Domain } from "../base/domain-name.ts";
import type { Dns } from "../dns/answer.ts";
import { DOCTOR_LIMITS } from "./limits.ts";
import { below, reasonOf, recordsOf } from "./probes/answers.ts";

/** Who writes `_wachpost-doctor.DOMAIN TXT token` is the owner; undefined when it is there, else what is wrong. */
export async function tokenProblem(token: string, domain: Domain, dns: Dns): Promise<string | undefined> {
  if (token.length < DOCTOR_LIMITS.tokenCharsMin)
    return `it has fewer than ${DOCTOR_LIMITS.tokenCharsMin} characters`;
  const name = below("_wachpost-doctor", domain);
  if (name === undefined) return "the name of the domain is too long";
  const answer = await dns.query(name, "TXT");
  const texts = recordsOf(answer);
  if (texts === undefined) return `the DNS gave no answer for ${name} (${reasonOf(answer)})`;
  return texts.includes(token) ? undefined : `it is not at ${name}`;
}
