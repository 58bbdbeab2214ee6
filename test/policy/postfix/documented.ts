/**
 * Answers that differ as docs/postfix-differences.md says they do, by the words they have there. Each is tried: ours must
 * become Postfix's when the rule in question says nothing.
 */
import type { OurAnswer } from "./dialogue.ts";
import type { Rules, Session } from "./sessions.ts";

export type Difference = {
  readonly set: number;
  readonly rules: Rules;
  readonly session: Session;
  readonly command: string;
  readonly them: string;
  readonly us: string;
};

export async function documented(
  { rules, session, them }: Difference,
  answer: OurAnswer | undefined,
): Promise<string | undefined> {
  if (answer === undefined) return undefined;
  const { judged, under } = answer;
  const mistaken = judged.steps.some(
    (step) => step.verdict === "would-defer" && step.reason === "misconfigured",
  );
  if (them === "451 4.3.5 Server configuration error" && mistaken) return "a mistake in a shadow rule";
  if (judged.decidedBy === "reject_unlisted_sender" && (await under(forgetful(rules))) === them) {
    return "reject_unlisted_sender counts every second time";
  }
  if (
    session.helo.endsWith(".") &&
    (await under(silent(rules, /\breject_rhsbl_helo \S+?(?=,|$)/g))) === them
  ) {
    return "a dot at the end of HELO";
  }
  return undefined;
}

/** Postfix remembers that it has looked for the sender and forgets it only before the sender list. */
function forgetful(rules: Rules): Rules {
  const { client, helo } = silent(rules, /\breject_unlisted_sender\b/g);
  return { ...rules, client, helo };
}

function silent(rules: Rules, rule: RegExp): Rules {
  const without = (text: string): string => text.replace(rule, "dunno");
  const { client, helo, sender, relay, recipient, data } = rules;
  return {
    client: without(client),
    helo: without(helo),
    sender: without(sender),
    relay: without(relay),
    recipient: without(recipient),
    data: without(data),
  };
}
