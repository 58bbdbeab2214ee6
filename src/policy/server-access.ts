import type { Soon } from "../base/soon.ts";
import type { MxRecord } from "../dns/answer.ts";
import { SUBJECTS, lookUpAccess } from "./access.ts";
import type { Check, CheckContext, Subject } from "./contract.ts";
import { clientLabel, type PolicyFacts } from "./facts.ts";
import { addressOfLiteral, domainOf } from "./host-name.ts";
import { POLICY_LIMITS } from "./limits.ts";
import { noOpinion, type Verdict } from "./verdict.ts";

/** Whose servers are looked up: the domain, and whom a refusal is about. */
type Owner = (facts: PolicyFacts) => { readonly domain: string; readonly subject: Subject } | undefined;
export type ServerType = "a" | "mx" | "ns";

const named = (name: string | undefined, subject: string, what: string): ReturnType<Owner> =>
  name === undefined || name === "" || name === "unknown"
    ? undefined
    : { domain: name, subject: { name: subject, what } };

export const OWNERS = {
  client: (facts) => named(facts.clientName, clientLabel(facts), SUBJECTS.client),
  reverseClient: (facts) => named(facts.reverseClientName, facts.reverseClientName, SUBJECTS.reverseClient),
  helo: (facts) => named(facts.helo, facts.helo ?? "", SUBJECTS.helo),
  sender: (facts) => named(domainOf(facts.sender ?? ""), facts.sender ?? "", SUBJECTS.sender),
  recipient: (facts) => named(domainOf(facts.recipient ?? ""), facts.recipient ?? "", SUBJECTS.recipient),
} as const satisfies Record<string, Owner>;

/**
 * `check_*_{a,mx,ns}_access`: looks up the hosts that serve a name, and their addresses, in a table. An OK is not
 * honoured: strangers choose their servers.
 */
export function serverAccessCheck(name: string, owner: Owner, type: ServerType): Check {
  return {
    name,
    takes: "table",
    permits: "never",
    async run(context) {
      const found = owner(context.facts);
      if (found === undefined) return noOpinion("not-applicable");
      if (found.domain.startsWith("[")) return literalAccess(context, found.domain, found.subject, type);
      for (const server of await serversOf(context, found.domain, type)) {
        // The table of an `a` check is one of addresses: the name itself has checks of its own.
        const named = type === "a" ? undefined : await nameAccess(context, server, found.subject);
        const verdict = named ?? (await addressAccess(context, server, found.subject));
        if (verdict !== undefined) return verdict;
      }
      return noOpinion("no-entry");
    },
  };
}

/** A literal is its own mail exchanger; nobody serves its names. */
async function literalAccess(
  context: CheckContext,
  literal: string,
  subject: Subject,
  type: ServerType,
): Promise<Verdict> {
  const address = addressOfLiteral(literal);
  if (address === undefined || type === "ns") return noOpinion("not-applicable");
  return (await lookUpAccess(context, { by: "address", address }, subject)) ?? noOpinion("no-entry");
}

const nameAccess = (context: CheckContext, name: string, subject: Subject): Soon<Verdict | undefined> =>
  lookUpAccess(context, { by: "name", name }, subject);

async function addressAccess(
  context: CheckContext,
  server: string,
  subject: Subject,
): Promise<Verdict | undefined> {
  for (const type of ["A", "AAAA"] as const) {
    const answer = await context.ask.dns(server, type);
    if (answer.kind !== "records") continue;
    for (const address of answer.records.slice(0, POLICY_LIMITS.addressesMax)) {
      const verdict = await lookUpAccess(context, { by: "address", address }, subject);
      if (verdict !== undefined) return verdict;
    }
  }
  return undefined;
}

/**
 * No MX: the domain serves itself. No NS: those of a parent do. As in Postfix a name that does not exist counts as one
 * without records: some servers answer NXDOMAIN where they mean NODATA.
 */
async function serversOf(
  { ask }: CheckContext,
  domain: string,
  type: ServerType,
): Promise<readonly string[]> {
  if (type === "a") return [domain];
  if (type === "mx") {
    const answer = await ask.dns(domain, "MX");
    if (answer.kind === "failure") return [];
    return answer.kind === "records"
      ? bounded(answer.records.map((record: MxRecord) => record.exchange))
      : [domain];
  }
  let name = domain;
  for (let i = 0; name !== "" && i < POLICY_LIMITS.parentsMax; i++) {
    const answer = await ask.dns(name, "NS");
    if (answer.kind === "records") return bounded(answer.records);
    if (answer.kind === "failure") return [];
    const dot = name.indexOf(".");
    name = dot < 0 ? "" : name.slice(dot + 1);
  }
  return [];
}

const bounded = (names: readonly string[]): readonly string[] =>
  names.filter((name) => name !== "").slice(0, POLICY_LIMITS.serversMax);
