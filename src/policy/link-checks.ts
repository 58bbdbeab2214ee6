import type { Soon } from "../base/soon.ts";
import type { CheckContext } from "./contract.ts";
import { askList, listText, type ListSite } from "./dnsbl.ts";
import { linkLabels } from "./link-names.ts";
import { answerEvidence } from "./list-checks.ts";
import { dunno, type Evidence, noOpinion, refuse, type Verdict } from "./verdict.ts";

/** Table of hosts and domains that links may lead to, whatever a list says. */
const LINKS_TABLE = "links";

/** `reject_rhsbl_body` */
export async function refuseListedLink(context: CheckContext): Promise<Verdict> {
  const found = await listedLink(context);
  if (!("labels" in found)) return found.verdict;
  const { site, labels, host, evidence } = found;
  const why = await listText(context.ask, labels, site);
  const text = `Service unavailable; link to [${host}] blocked using ${site.zone}${why === "" ? "" : `; ${why}`}`;
  return refuse(context.settings.codes.list, "5.7.1", text, "link-listed", evidence);
}

/** `tag_rhsbl_body`; most messages have no links. */
export const tagListedLink = (context: CheckContext): Soon<Verdict> =>
  (context.facts.linkHosts ?? "") === "" ? noOpinion("not-applicable") : taggedLink(context);

async function taggedLink(context: CheckContext): Promise<Verdict> {
  const found = await listedLink(context);
  if (!("labels" in found)) return found.verdict;
  const tag = { kind: "junk", value: `link ${found.host}` } as const;
  return { kind: "tag", reason: "link-listed", evidence: found.evidence, tag };
}

type Listed = {
  readonly site: ListSite;
  readonly labels: string;
  readonly host: string;
  readonly evidence: Evidence;
};

/** Asks about all hosts at once; the first in reading order that the list names and the operator does not vouch for. */
async function listedLink({ ask, facts, site }: CheckContext): Promise<Listed | { verdict: Verdict }> {
  const hosts = facts.linkHosts?.split(" ").filter((host) => host !== "") ?? [];
  if (site === undefined || hosts.length === 0) return { verdict: noOpinion("not-applicable") };
  const questions = new Map<string, string>();
  for (const host of hosts) {
    const labels = linkLabels(host, site.zone);
    if (labels !== undefined && !questions.has(labels)) questions.set(labels, host);
  }
  const asked = await Promise.all(
    [...questions].map(async ([labels, host]) => ({
      labels,
      host,
      answer: await askList(ask, labels, site),
    })),
  );
  let vouched = "";
  for (const { labels, host, answer } of asked) {
    if (answer.kind !== "listed") continue;
    const entry = await ask.table(LINKS_TABLE, { by: "name", name: host });
    const evidence = { ...answerEvidence(answer, site), host };
    if (typeof entry === "string" || !/^(ok|dunno)$/i.test(entry.value.trim()))
      return { site, labels, host, evidence };
    vouched = host;
  }
  if (vouched !== "") return { verdict: dunno({ zone: site.zone, host: vouched }, "link-vouched") };
  const deaf = asked.find(({ answer }) => answer.kind === "error")?.answer;
  if (deaf !== undefined) return { verdict: dunno(answerEvidence(deaf, site), "list-error") };
  return { verdict: dunno({ zone: site.zone }, "not-listed") };
}
