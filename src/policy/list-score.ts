import { parseIp } from "../base/ip.ts";
import { allHere, whenHere, type Soon } from "../base/soon.ts";
import type { Ask } from "./ask.ts";
import { addressLabels, askList, type ListAnswer, type ListSite } from "./dnsbl.ts";
import type { PolicyFacts } from "./facts.ts";

export type Score = { readonly points: number; readonly zones: readonly string[]; readonly errors: number };

const isDeaf = (answer: ListAnswer | undefined): boolean =>
  answer?.kind === "error" && answer.why !== "unknown-code";

/** Asks all weighted lists at once. Of one list only its heaviest word counts, so that no list votes twice. */
export function scoreOf(ask: Ask, { clientAddress }: PolicyFacts, sites: readonly ListSite[]): Soon<Score> {
  const ip = parseIp(clientAddress);
  if (ip === undefined) return { points: 0, zones: [], errors: 0 };
  const labels = addressLabels(ip);
  const answers = allHere(sites.map((site) => askList(ask, labels, site)));
  return whenHere(answers, (all) => scored(sites, all));
}

function scored(sites: readonly ListSite[], answers: readonly ListAnswer[]): Score {
  const heaviest = new Map<string, number>();
  sites.forEach((site, i) => {
    const known = heaviest.get(site.zone) ?? 0;
    if (answers[i]?.kind === "listed" && Math.abs(site.weight) > Math.abs(known))
      heaviest.set(site.zone, site.weight);
  });
  return {
    points: [...heaviest.values()].reduce((sum, weight) => sum + weight, 0),
    zones: [...heaviest].filter(([, weight]) => weight > 0).map(([zone]) => zone),
    errors: new Set(sites.filter((_site, i) => isDeaf(answers[i])).map((site) => site.zone)).size,
  };
}
