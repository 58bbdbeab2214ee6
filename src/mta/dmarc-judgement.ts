/** What DMARC has to say about a stranger's message, after the lists: whether it is believed, refused or junk. */
import { arrivedWith } from "../authentication/arc/arrived.ts";
import {
  findOverride,
  trustedPath,
  type PathFacts,
  type PolicyOverride,
  type TrustedForwarders,
} from "../authentication/dmarc/override.ts";
import { WISH_UNKNOWN } from "../authentication/dmarc/verify.ts";
import type { Authentication, DmarcResult } from "../authentication/results.ts";
import type { Step } from "../journal/record.ts";
import { findField } from "../message/header.ts";
import type { Judged, Policy } from "../policy/contract.ts";
import type { PolicyFacts } from "../policy/facts.ts";
import { reply, type Reply } from "../smtp/reply.ts";
import type { Incoming } from "./accept.ts";

/** `enforce`: as the author's domain asks; `junk`: never refused; `record`: only noted. */
export type DmarcPolicy = "enforce" | "junk" | "record";
/** Where the DNS does not tell what the author's domain asks for. `defer`: mail that nothing proves waits; `record`: only noted. */
export type DmarcUnknownPolicy = "defer" | "record";

/** The results with the name of whoever is believed although DMARC failed. C-18, C-25 */
export function withOverride(
  authentication: Authentication,
  incoming: Incoming,
  trusted: TrustedForwarders,
): Authentication {
  const { dmarc } = authentication;
  if (dmarc.result !== "fail" && dmarc.result !== "temperror") return authentication;
  const override = findOverride({ dmarc, ...pathOf(authentication, incoming, trusted) }, trusted);
  return override === undefined ? authentication : { ...authentication, dmarc: { ...dmarc, override } };
}

/** Whoever handed the message on and is believed by the operator, whatever its proofs came to. */
export const knownForwarder = (
  authentication: Authentication,
  incoming: Incoming,
  trusted: TrustedForwarders,
): PolicyOverride | undefined => trustedPath(pathOf(authentication, incoming, trusted), trusted);

function pathOf(
  { dmarc, arc, iprev }: Authentication,
  { octets, session }: Incoming,
  trusted: TrustedForwarders,
): PathFacts {
  const arrived =
    arc.result === "pass" ? arrivedWith(octets, dmarc.authorDomain, trusted.sealers) : undefined;
  return {
    arc,
    client: session.remote.address,
    ...(iprev?.result === "pass" && iprev.name !== undefined ? { clientName: iprev.name } : {}),
    isFromList: ["list-id", "list-post"].some((name) => findField(octets, name) !== undefined),
    ...(arrived === undefined ? {} : { arrivedWith: arrived }),
  };
}

/** Who is believed, and the setting that says so. */
export const toldOf = ({ type, comment }: PolicyOverride): Step["evidence"] => ({
  comment,
  setting:
    type !== "trusted_forwarder"
      ? "policy.dmarc_trusted_sealers"
      : comment.startsWith("name ")
        ? "policy.dmarc_forwarder_names"
        : "policy.dmarc_forwarders",
});

/** A domain that only tests lowered its own wish; nobody else is believed for it. */
const isForgiven = ({ override }: DmarcResult): boolean =>
  override !== undefined && override.type !== "policy_test_mode";

const forgiven = ({ authorDomain, requested, override }: DmarcResult): Step => ({
  stage: "content",
  rule: "dmarc",
  verdict: "dunno",
  reason: override?.type === "trusted_forwarder" ? "dmarc-forwarder" : "dmarc-sealed",
  evidence: { domain: authorDomain, requested, ...(override === undefined ? {} : toldOf(override)) },
});

type Judging = {
  readonly policy: Policy;
  readonly dmarc: DmarcPolicy;
  readonly dmarcUnknown: DmarcUnknownPolicy;
  readonly dnsIsHeard: () => Promise<boolean>;
};

/** The lists at the end of DATA, then what the author's domain asks for (RFC 9989). */
export async function judgedContent(
  options: Judging,
  facts: PolicyFacts,
  dmarc: DmarcResult,
  forwarder: () => PolicyOverride | undefined,
): Promise<Judged> {
  const { policy, dmarc: setting } = options;
  const judged = await policy.judgeEndOfData(facts);
  if (judged.decision !== "permit") return judged;
  if (dmarc.authorDomain === "" && dmarc.problem !== undefined) return unclearAuthor(judged, setting, dmarc);
  if (dmarc.result !== "fail" && dmarc.result !== "temperror") return judged;
  if (dmarc.problem === WISH_UNKNOWN) return unknownWish(judged, options, dmarc, forwarder);
  const wanted = setting === "record" ? "none" : dmarc.requested;
  if (dmarc.result === "temperror" && (wanted === "none" || isForgiven(dmarc))) return judged;
  if (isForgiven(dmarc)) return { ...judged, steps: [...judged.steps, forgiven(dmarc)] };
  if (dmarc.result === "temperror")
    return unprovenForNow(judged, wanted === "reject" && setting === "enforce", dmarc);
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
 * Nobody could say what the domain asks for, and nothing proves the message. It waits, as one that is known to ask for refusal does:
 * the name servers of a domain that is forged can be kept silent. A server that hears nothing from the DNS would wait for ever.
 */
async function unknownWish(
  judged: Judged,
  { dmarc: setting, dmarcUnknown, dnsIsHeard }: Judging,
  dmarc: DmarcResult,
  forwarder: () => PolicyOverride | undefined,
): Promise<Judged> {
  const evidence = { domain: dmarc.authorDomain };
  const about = { stage: "content", rule: "dmarc" } as const;
  if (setting !== "enforce" || dmarcUnknown === "record") return judged;
  const known = forwarder();
  if (known !== undefined) {
    const believed = { reason: "dmarc-unknown-forwarder", evidence: { ...evidence, ...toldOf(known) } };
    return { ...judged, steps: [...judged.steps, { ...about, verdict: "dunno", ...believed }] };
  }
  if (!(await dnsIsHeard())) {
    const blind = { reason: "dmarc-no-dns", evidence };
    return { ...judged, steps: [...judged.steps, { ...about, verdict: "dunno", ...blind }] };
  }
  const step: Step = { ...about, verdict: "defer", reason: "dmarc-temperror", evidence };
  const steps = [...judged.steps, step];
  return { ...judged, decision: "defer", steps, decidedBy: "dmarc", reply: wishUnknown(dmarc) };
}

const wishUnknown = ({ authorDomain }: DmarcResult): Reply =>
  reply(
    451,
    "4.7.0",
    `The DNS does not say what ${authorDomain} asks for (DMARC), and neither SPF nor DKIM shows that this is from there; please try again`,
    "dmarc-temperror",
  );

/**
 * What the domain asks for is known, but not whether a key or record that would prove the message exists. It waits: else a
 * forger would sign in the name of a part of the domain whose name servers are silent, and be let in. RFC 9989 §5.3.6; C-04
 */
function unprovenForNow(judged: Judged, waits: boolean, dmarc: DmarcResult): Judged {
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
