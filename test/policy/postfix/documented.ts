/**
 * Answers that differ as docs/postfix-differences.md says they do, by the words they have there. Each is tried: ours must
 * become Postfix's when the rule in question says nothing.
 */
import type { Judged } from "../../../src/policy/contract.ts";
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
  // Postfix asks nothing about such a name.
  const withoutHelo = (from: Rules): Rules => silent(from, /\breject_rhsbl_helo \S+?(?=,|$)/g);
  const dot = session.helo.endsWith(".");
  const causes: readonly (readonly [why: string, rules: Rules])[] = [
    ["a mistake in a shadow rule", rules],
    ["reject_unlisted_sender counts every second time", forgetful(rules)],
    ...(dot ? ([["a dot at the end of HELO", withoutHelo(rules)]] as const) : []),
    ...(dot
      ? ([["an unlisted sender and a dot at the end of HELO", withoutHelo(forgetful(rules))]] as const)
      : []),
  ];
  for (const [why, others] of causes) {
    const { line, judged } = others === rules ? answer : await answer.under(others);
    if (line === them || (them === MISTAKE && mistaken(judged))) return why;
  }
  return undefined;
}

const MISTAKE = "451 4.3.5 Server configuration error";
const mistaken = ({ steps }: Judged): boolean =>
  steps.some(({ verdict, reason }) => verdict === "would-defer" && reason === "misconfigured");

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
