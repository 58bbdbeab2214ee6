import { parseIp } from "../base/ip.ts";
import { whenHere, type Soon } from "../base/soon.ts";
import { SUBJECTS } from "./access.ts";
import type { CheckContext } from "./contract.ts";
import type { Score } from "./list-score.ts";
import { addressLabels, askList, listText, type ListAnswer, type ListSite } from "./dnsbl.ts";
import { domainOf, isHostName, withoutFinalDot } from "./host-name.ts";
import { deferIfReject, dunno, type Evidence, noOpinion, permit, refuse, type Verdict } from "./verdict.ts";

/** `reject_rbl_client` */
export async function refuseListedAddress(context: CheckContext): Promise<Verdict> {
  const ip = parseIp(context.facts.clientAddress);
  if (ip === undefined) return noOpinion("not-applicable");
  return refuseListed(context, addressLabels(ip), context.facts.clientAddress, SUBJECTS.client);
}

/** `reject_rhsbl_*`: an address or an address literal has no domain. */
export async function refuseListedDomain(
  context: CheckContext,
  value: string | undefined,
  what: string,
): Promise<Verdict> {
  const domain = withoutFinalDot(value?.includes("@") ? domainOf(value) : (value ?? ""));
  if (domain === "unknown" || !isHostName(domain)) return noOpinion("not-applicable");
  return refuseListed(context, domain, value ?? "", what);
}

async function refuseListed(
  context: CheckContext,
  labels: string,
  shown: string,
  what: string,
): Promise<Verdict> {
  const { ask, settings, site } = context;
  if (site === undefined) return noOpinion("not-applicable");
  const answer = await askList(ask, labels, site);
  if (answer.kind !== "listed")
    return dunno(answerEvidence(answer, site), answer.kind === "error" ? "list-error" : "not-listed");
  const why = await listText(ask, labels, site);
  const text = `Service unavailable; ${what} [${shown}] blocked using ${site.zone}${why === "" ? "" : `; ${why}`}`;
  return refuse(settings.codes.list, "5.7.1", text, "listed", answerEvidence(answer, site));
}

/** `permit_dnswl_client` */
export async function permitListedAddress(context: CheckContext): Promise<Verdict> {
  const ip = parseIp(context.facts.clientAddress);
  return ip === undefined ? noOpinion("not-applicable") : permitListed(context, addressLabels(ip));
}

/** `permit_rhswl_client` */
export async function permitListedName(context: CheckContext): Promise<Verdict> {
  const name = context.facts.clientName;
  return name === "unknown" || !isHostName(name) ? noOpinion("not-applicable") : permitListed(context, name);
}

/** An allow list that does not answer may be the one that would have saved the client: what refuses him waits. */
async function permitListed({ ask, facts, site }: CheckContext, labels: string): Promise<Verdict> {
  if (site === undefined) return noOpinion("not-applicable");
  const answer = await askList(ask, labels, site);
  const evidence = answerEvidence(answer, site);
  if (answer.kind === "error" && answer.why === "no-answer") {
    const text = `<${facts.clientAddress}>: ${SUBJECTS.client} rejected: Service unavailable`;
    return deferIfReject(text, "4.7.1", "allow-list-not-learned", evidence);
  }
  if (answer.kind !== "listed") return dunno(evidence, answer.kind === "error" ? "list-error" : "not-listed");
  if (facts.recipient === undefined || !facts.recipientIsOurs) return dunno(evidence, "not-our-domain");
  return permit(evidence, "allow-listed");
}

export function answerEvidence(answer: ListAnswer, site: ListSite): Evidence {
  if (answer.kind === "not-listed") return { zone: site.zone };
  const codes = answer.codes.length === 0 ? {} : { code: answer.codes.join(" ") };
  return answer.kind === "error"
    ? { zone: site.zone, ...codes, error: answer.why }
    : { zone: site.zone, ...codes };
}

/** `reject_dnsbl_score N` */
export const refuseScore = (context: CheckContext): Soon<Verdict> =>
  whenHere(context.score(), (score) => refusedFor(score, context));

function refusedFor(score: Score, context: CheckContext): Verdict {
  if (score.points < Number(context.argument)) return dunno(scoreEvidence(score), "score-below");
  const text = `Service unavailable; ${SUBJECTS.client} [${context.facts.clientAddress}] blocked using ${score.zones.join(", ")}`;
  return refuse(550, "5.7.1", text, "listed-score", scoreEvidence(score));
}

/** `tag_dnsbl_score N` */
export const tagScore = (context: CheckContext): Soon<Verdict> =>
  whenHere(context.score(), (score) => taggedFor(score, context));

function taggedFor(score: Score, context: CheckContext): Verdict {
  if (score.points < Number(context.argument)) return dunno(scoreEvidence(score), "score-below");
  const tag = { kind: "junk", value: `dns-lists ${score.points}` } as const;
  return { kind: "tag", reason: "listed-score", evidence: scoreEvidence(score), tag };
}

const scoreEvidence = ({ points, zones, errors }: Score): Evidence => ({
  points,
  zones: zones.join(" "),
  ...(errors > 0 ? { errors } : {}),
});
