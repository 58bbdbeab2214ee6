/** Notes a judged message for the report to its author's domain. RFC 9990 §3.1; C-20 */
import type { Found } from "../../authentication/dmarc/tree-walk.ts";
import type { AggregateRecord, AggregateReport } from "../../authentication/reports/aggregate.ts";
import type { Authentication, DmarcResult } from "../../authentication/results.ts";
import { parseDomain } from "../../base/domain-name.ts";
import { findField } from "../../message/header.ts";
import type { Judged } from "../../policy/contract.ts";
import type { Incoming } from "../accept.ts";
import type { DmarcPolicy } from "../dmarc-judgement.ts";
import { encodeDmarcFacts, type DmarcFacts } from "./dmarc-facts.ts";
import { REPORTS_LIMITS } from "./limits.ts";
import type { Counting } from "./tally.ts";

export type JudgedMail = {
  readonly authentication: Authentication;
  readonly policy: Found;
  readonly judged: Judged;
  readonly setting: DmarcPolicy;
  readonly at_ms: number;
};

/** Nothing of recipients, local parts or content is kept. What a rule before DMARC refused is not its business. */
export function countJudged(counting: Counting, incoming: Incoming, mail: JudgedMail): void {
  const { authentication, policy, judged, at_ms } = mail;
  const { dmarc } = authentication;
  if (policy.record.rua.length === 0 || (dmarc.result !== "pass" && dmarc.result !== "fail")) return;
  if (judged.decision !== "permit" && judged.decidedBy !== "dmarc") return;
  if (dmarc.result === "pass" && isReport(incoming.octets)) return;
  const facts = { policy: published(policy), record: recordOf(incoming, mail) };
  counting.add("dmarc", policy.domain, at_ms, encodeDmarcFacts(facts));
}

/** Two servers that report about each other's reports would never stop; a forged one is told like any other mail. */
const isReport = (octets: Buffer): boolean =>
  findField(octets, "tls-report-domain") !== undefined ||
  /^\s*report[\s-]+domain:/i.test(findField(octets, "subject") ?? "");

function published({ domain, record }: Found): AggregateReport["policy"] {
  const { p, sp, np, adkim, aspf, fo, testing } = record;
  return {
    domain,
    p,
    ...(sp === undefined ? {} : { sp }),
    ...(np === undefined ? {} : { np }),
    adkim,
    aspf,
    discovery: "treewalk",
    fo: fo.join(":"),
    testing,
  };
}

function recordOf(
  { session, mail: { from } }: Incoming,
  { authentication: { dmarc, dkim, spf }, judged, setting }: JudgedMail,
): DmarcFacts["record"] {
  const disposition = dispositionOf(dmarc, judged);
  return {
    source: session.remote.address.text,
    disposition,
    dkim: dmarc.dkimAligned ? "pass" : "fail",
    spf: dmarc.spfAligned ? "pass" : "fail",
    reasons: reasonsOf(dmarc, disposition, setting),
    headerFrom: dmarc.authorDomain,
    ...(from === null || from.domain === "" ? {} : { envelopeFrom: named(from.domain) }),
    signatures: dkim
      .filter(({ domain }) => domain !== "")
      .slice(0, REPORTS_LIMITS.signaturesMax)
      .map(({ domain, selector, result }) => ({
        domain: named(domain),
        selector: named(selector),
        result,
      })),
    senders: spf
      .filter(({ identity, domain }) => identity === "mailfrom" && domain !== "")
      .map(({ domain, result }) => ({ domain: named(domain), scope: "mfrom" as const, result })),
  };
}

function dispositionOf({ result }: DmarcResult, judged: Judged): AggregateRecord["disposition"] {
  if (result === "pass") return "pass";
  if (judged.decidedBy === "dmarc") return "reject";
  return judged.steps.some(({ rule, verdict }) => rule === "dmarc" && verdict === "tag")
    ? "quarantine"
    : "none";
}

/** Why less was done than the record asks for: somebody is believed, the domain only tests, or our own setting. */
function reasonsOf(
  { result, requested, override }: DmarcResult,
  disposition: AggregateRecord["disposition"],
  setting: DmarcPolicy,
): AggregateRecord["reasons"] {
  if (result === "pass") return [];
  const lowered =
    disposition !== requested && (override === undefined || override.type === "policy_test_mode");
  return [
    ...(override === undefined ? [] : [override]),
    ...(lowered ? [{ type: "local_policy" as const, comment: `this server's setting is ${setting}` }] : []),
  ];
}

const named = (text: string): string => (parseDomain(text) ?? text).slice(0, REPORTS_LIMITS.nameMax);
