/** What SPF alone decides, where the operator wants it: a domain that disowns the client, and no author's domain that asks for anything by DMARC. */
import type { PolicyOverride } from "../authentication/dmarc/override.ts";
import type { Authentication } from "../authentication/results.ts";
import { parseDomain } from "../base/domain-name.ts";
import type { Step } from "../journal/record.ts";
import type { Judged } from "../policy/contract.ts";
import { reply, type Reply } from "../smtp/reply.ts";
import { toldOf } from "./dmarc-judgement.ts";

/** `record`: only noted; `junk`: filed as junk; `reject`: refused. */
export type SpfFailPolicy = "record" | "junk" | "reject";

/**
 * After DKIM and DMARC are known: forwarding breaks SPF and not signatures, so one of the sender's or the author's domain
 * makes up for it, and so does a forwarder the operator knows. RFC 7208 §8.4, RFC 7372 §3.1; C-03
 */
export function judgedSpf(
  judged: Judged,
  setting: SpfFailPolicy,
  authentication: Pick<Authentication, "spf" | "dkim" | "dmarc">,
  forwarder: () => PolicyOverride | undefined,
): Judged {
  const { spf, dmarc } = authentication;
  if (setting === "record" || judged.decision !== "permit" || isSettled(dmarc)) return judged;
  const failed = spf.find(({ identity }) => identity === "mailfrom");
  if (failed?.result !== "fail") return judged;
  const domains = [failed.domain, dmarc.authorDomain];
  if (isSigned(authentication, domains, "pass")) return judged;
  const known = forwarder();
  if (known !== undefined) return { ...judged, steps: [...judged.steps, believed(failed.domain, known)] };
  // A key server that is silent may only be slow, or be one that a forger has found: not believed, and not refused for good.
  const refuses = setting === "reject" && !isSigned(authentication, domains, "temperror");
  const step: Step = {
    stage: "content",
    rule: "spf",
    verdict: refuses ? "reject" : "tag",
    reason: "spf-fail",
    evidence: {
      domain: failed.domain,
      mechanism: failed.mechanism ?? "",
      setting: "policy.spf_fail",
    },
  };
  const steps = [...judged.steps, step];
  return refuses
    ? { ...judged, decision: "reject", steps, decidedBy: "spf", reply: spfRefusal(failed.domain) }
    : { ...judged, steps, tags: [...judged.tags, { kind: "junk", value: "spf" }] };
}

const believed = (domain: string, known: PolicyOverride): Step => ({
  stage: "content",
  rule: "spf",
  verdict: "dunno",
  reason: "spf-forwarder",
  evidence: { domain, ...toldOf(known) },
});

/**
 * DMARC has an answer, or a wish. One that asks for nothing is no answer, nor is a doubt about it: anybody can write such a
 * domain into From, and sign in the name of a part of it whose name servers are silent.
 */
const isSettled = ({ result, requested }: Authentication["dmarc"]): boolean =>
  result === "pass" || requested !== "none";

/** By one of these domains, or one above it. */
function isSigned(
  { dkim }: Pick<Authentication, "dkim">,
  domains: readonly string[],
  wanted: "pass" | "temperror",
): boolean {
  const known = domains.flatMap((name) => parseDomain(name) ?? []);
  return dkim.some(
    ({ result, domain }) =>
      result === wanted &&
      domain.includes(".") &&
      known.some((name) => `.${name}`.endsWith(`.${parseDomain(domain) ?? domain}`)),
  );
}

const spfRefusal = (domain: string): Reply =>
  reply(
    550,
    "5.7.23",
    `The SPF record of ${domain} says that this server may not send for it, and no signature does`,
    "spf-fail",
  );
