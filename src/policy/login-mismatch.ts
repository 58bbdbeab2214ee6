import { SUBJECTS } from "./access.ts";
import type { PolicyFacts } from "./facts.ts";
import { refuse, type Verdict } from "./verdict.ts";

/** Refuses a login that uses an address not its own; undefined where there is nothing to say. */
export function notOwned(facts: PolicyFacts): Verdict | undefined {
  if (!facts.sender || facts.login === undefined || facts.senderOwner === "login") return undefined;
  const text = `<${facts.sender}>: ${SUBJECTS.sender} rejected: not owned by user ${facts.login}`;
  return refuse(553, "5.7.1", text, "sender-not-owned", { sender: facts.sender, login: facts.login });
}

/** Refuses an owned address in a session without login. */
export function notLoggedIn(facts: PolicyFacts): Verdict | undefined {
  if (!facts.sender || facts.login !== undefined || facts.senderOwner === "nobody") return undefined;
  const text = `<${facts.sender}>: ${SUBJECTS.sender} rejected: not logged in`;
  return refuse(553, "5.7.1", text, "sender-needs-login", { sender: facts.sender });
}
