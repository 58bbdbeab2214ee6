/** What `--token` proves, for `wachpost doctor` and `wachpost attack`. */
import { randomBytes } from "node:crypto";
import type { Domain } from "../base/domain-name.ts";
import { OperatorError } from "../base/operator-error.ts";
import { printOf, proofOf, recordOf, type Proof, type Unproven } from "../doctor/proof.ts";
import type { Net } from "../doctor/probe.ts";
import { told } from "../doctor/words/told.ts";
import type { Language } from "../journal/words/language.ts";

const TOKEN_OCTETS = 12;

/** Whoever can write into the zone of a domain may have its servers tried; the domain has to be named. */
export async function checkedProof(
  { token, domain, command }: { token: string; domain: Domain | undefined; command: "doctor" | "attack" },
  net: Net,
  language: Language,
): Promise<Proof> {
  const proof = await proofOf(token, domain, net.dns);
  if (proof.ok) return proof.value;
  // For who has none yet, one that can be used.
  const fresh = randomBytes(TOKEN_OCTETS).toString("hex");
  const name = domain ?? "example.org";
  throw notProven(
    {
      ...proof.error,
      values: {
        record: recordOf(name),
        print: printOf(fresh),
        command: `wachpost ${command} ${name} --token ${fresh}`,
        ...proof.error.values,
      },
    },
    language,
  );
}

export function notProven({ note, values }: Unproven, language: Language): OperatorError {
  const { why, remedy } = told({ note, values }, language);
  return new OperatorError("not-proven", why, remedy);
}
