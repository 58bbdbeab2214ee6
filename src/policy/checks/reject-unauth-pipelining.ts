import type { Check } from "../contract.ts";
import { dunno, refuse } from "../verdict.ts";

/** Refuses clients that talk before it is their turn (S-38). */
export const rejectUnauthPipelining: Check = {
  name: "reject_unauth_pipelining",
  takes: "nothing",
  run: ({ facts, subject }) =>
    facts.earlyTalk
      ? refuse(
          503,
          "5.5.0",
          `<${subject.name}>: ${subject.what} rejected: Improper use of SMTP command pipelining`,
          "early-talk",
        )
      : dunno(),
};
