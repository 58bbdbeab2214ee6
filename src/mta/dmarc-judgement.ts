/** What DMARC has to say about a stranger's message, after the lists: whether it is believed, refused or junk. */
import { arrivedWith } from "../authentication/arc/arrived.ts";
import { findOverride, type TrustedForwarders } from "../authentication/dmarc/override.ts";
import type { Authentication, DmarcResult } from "../authentication/results.ts";
import type { Step } from "../journal/record.ts";
import { findField } from "../message/header.ts";
import type { Judged, Policy } from "../policy/contract.ts";
import type { PolicyFacts } from "../policy/facts.ts";
import { reply, type Reply } from "../smtp/reply.ts";
import type { Incoming } from "./accept.ts";

/** `enforce`: as the author's domain asks; `junk`: never refused; `record`: only noted. */
export type DmarcPolicy = "enforce" | "junk" | "record";

/** The results with the name of whoever is believed although DMARC failed. C-18, C-25 */
export function withOverride(
  authentication: Authentication,
  { octets, session }: Incoming,
  trusted: TrustedForwarders,
): Authentication {
  const { dmarc, arc, iprev } = authentication;
  if (dmarc.result !== "fail" && dmarc.result !== "temperror") return authentication;
  const arrived =
    arc.result === "pass" ? arrivedWith(octets, dmarc.authorDomain, trusted.sealers) : undefined;
  const override = findOverride(
    {
      dmarc,
      arc,
      client: session.remote.address,
      ...(iprev?.result === "pass" && iprev.name !== undefined ? { clientName: iprev.name } : {}),
      isFromList: ["list-id", "list-post"].some((name) => findField(octets, name) !== undefined),
      ...(arrived === undefined ? {} : { arrivedWith: arrived }),
    },
    trusted,
  );
  return override === undefined ? authentication : { ...authentication, dmarc: { ...dmarc, override } };
}

/** Would this be forgiven if it had failed DMARC? */
export const isKnownForwarder = (
  authentication: Authentication,
  incoming: Incoming,
  trusted: TrustedForwarders,
): boolean => {
  const dmarc = { ...authentication.dmarc, result: "fail", requested: "reject" } as const;
  return withOverride({ ...authentication, dmarc }, incoming, trusted).dmarc.override !== undefined;
};

/** A domain that only tests lowered its own wish; nobody else is believed for it. */
const isForgiven = ({ override }: DmarcResult): boolean =>
  override !== undefined && override.type !== "policy_test_mode";

const forgiven = ({ authorDomain, requested, override }: DmarcResult): Step => ({
  stage: "content",
  rule: "dmarc",
  verdict: "dunno",
  reason: override?.type === "trusted_forwarder" ? "dmarc-forwarder" : "dmarc-sealed",
  evidence: { domain: authorDomain, requested, comment: override?.comment ?? "" },
});

/** The lists at the end of DATA, then what the author's domain asks for (RFC 9989). */
export async function judgedContent(
  { policy, dmarc: setting }: { readonly policy: Policy; readonly dmarc: DmarcPolicy },
  facts: PolicyFacts,
  dmarc: DmarcResult,
): Promise<Judged> {
  const judged = await policy.judgeEndOfData(facts);
  if (judged.decision !== "permit") return judged;
  if (dmarc.authorDomain === "" && dmarc.problem !== undefined) return unclearAuthor(judged, setting, dmarc);
  if (dmarc.result !== "fail" && dmarc.result !== "temperror") return judged;
  const wanted = setting === "record" ? "none" : dmarc.requested;
  if (dmarc.result === "temperror" && (wanted === "none" || isForgiven(dmarc))) return judged;
  if (isForgiven(dmarc)) return { ...judged, steps: [...judged.steps, forgiven(dmarc)] };
  if (dmarc.result === "temperror")
    return undecided(judged, wanted === "reject" && setting === "enforce", dmarc);
  const refuses = wanted === "reject" && setting === "enforce";
  const step: Step = {
    stage: "content",
    rule: "dmarc",
    verdict: refuses ? "reject" : wanted === "none" ? "dunno" : "tag",
    reason: "dmarc-fail",
    evidence: {
      domain: dmarc.authorDomain,
      requested: dmarc.requested,
      policyDomain: dmarc.policyDomain ?? "",
    },
  };
  const steps = [...judged.steps, step];
  if (refuses)
    return { ...judged, decision: "reject", steps, decidedBy: "dmarc", reply: dmarcRefusal(dmarc) };
  if (wanted === "none") return { ...judged, steps };
  return { ...judged, steps, tags: [...judged.tags, { kind: "junk", value: "dmarc" }] };
}

/**
 * What the domain asks for is known, but not whether a key or record that would prove the message exists. It waits: else a
 * forger would sign in the name of a part of the domain whose name servers are silent, and be let in. RFC 9989 §5.3.6; C-04
 */
function undecided(judged: Judged, waits: boolean, dmarc: DmarcResult): Judged {
  const step: Step = {
    stage: "content",
    rule: "dmarc",
    verdict: waits ? "defer" : "tag",
    reason: waits ? "dmarc-undecided" : "dmarc-doubtful",
    evidence: { domain: dmarc.authorDomain, requested: dmarc.requested },
  };
  const steps = [...judged.steps, step];
  if (waits) return { ...judged, decision: "defer", steps, decidedBy: "dmarc", reply: dmarcUnknown(dmarc) };
  return { ...judged, steps, tags: [...judged.tags, { kind: "junk", value: "dmarc" }] };
}

const dmarcUnknown = ({ authorDomain }: DmarcResult): Reply =>
  reply(
    451,
    "4.4.3",
    `The DNS does not say whether this is from ${authorDomain}, which asks to refuse what is not (DMARC); please try again`,
    "dmarc-undecided",
  );

/**
 * Nobody can be asked what he wants where From names several, or is read in more ways than one; then a forger would
 * choose what the reader sees. RFC 9989 §11.5; C-13
 */
function unclearAuthor(judged: Judged, setting: DmarcPolicy, { problem = "" }: DmarcResult): Judged {
  if (setting === "record") return judged;
  const refuses = setting === "enforce" && problem.startsWith("several-");
  const step: Step = {
    stage: "content",
    rule: "dmarc",
    verdict: refuses ? "reject" : "tag",
    reason: "unclear-author",
    evidence: { problem },
  };
  const steps = [...judged.steps, step];
  if (refuses) return { ...judged, decision: "reject", steps, decidedBy: "dmarc", reply: unclearRefusal };
  return { ...judged, steps, tags: [...judged.tags, { kind: "junk", value: "dmarc" }] };
}

const unclearRefusal = reply(
  550,
  "5.6.0",
  "From must be one field that names authors of one domain (RFC 5322, DMARC)",
  "unclear-author",
);

const dmarcRefusal = ({ authorDomain }: DmarcResult): Reply =>
  reply(
    550,
    "5.7.26",
    `Neither SPF nor DKIM shows that this is from ${authorDomain}, which asks to refuse such mail (DMARC)`,
    "dmarc-fail",
  );
