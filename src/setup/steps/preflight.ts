import { parseIp } from "../../base/ip.ts";
import type { Domain } from "../../base/domain-name.ts";
import { reverseName } from "../../dns/reverse.ts";
import { phrase } from "../../doctor/words/phrase.ts";
import type { Job } from "../job.ts";
import { authoritativeViews, zoneProvider } from "../our-zones.ts";
import { preflight } from "../preflight/all.ts";
import type { PreflightFinding } from "../preflight/finding.ts";
import { keptOf } from "../preflight/kept.ts";
import { preflightLines } from "../preflight-lines.ts";
import { done, todo, waiting, type Look, type Step } from "../step.ts";

/** A run that goes on soon after does not ask the world again. */
const FRESH_MS = 3_600_000;

/** Looks at the machine and its standing before anything is changed; refuses nothing (S-01, S-03). */
export const preflightStep: Step = {
  id: "preflight",
  title: phrase("Preflight", "Vorprüfung"),
  essential: false,
  async look({ state: { preflight: last }, clock, language }) {
    if (last === undefined || clock.now() - last.at_ms > FRESH_MS) return todo("preflight-todo");
    return lookOf(last.counts, preflightLines(last.failures, language));
  },
  async act(job) {
    const findings = await preflightOf(job);
    const counts = countsOf(findings);
    const lines = preflightLines(findings, job.language);
    await job.save({
      preflight: {
        at_ms: job.clock.now(),
        counts,
        failures: keptOf(findings.filter(({ grade }) => grade === "fail")),
      },
    });
    return lookOf(counts, lines);
  },
};

export async function preflightOf(job: Job): Promise<readonly PreflightFinding[]> {
  const { answers, outside } = job;
  // Asked at the source: a resolver would remember for an hour that a record is missing which setup is about to make.
  const [dns = job.net.dns] = await authoritativeViews(job);
  const provider = await zoneProvider(job);
  return await preflight({
    answers,
    domain: answers.domain,
    hostName: answers.hostName as Domain,
    addresses: answers.publicAddresses.flatMap((text) => parseIp(text) ?? []),
    net: { ...job.net, dns },
    setsReverse: async (ip) => (await provider?.zoneOf(reverseName(ip))) !== undefined,
    outside,
  });
}

function countsOf(
  findings: readonly PreflightFinding[],
): Readonly<Record<PreflightFinding["grade"], number>> {
  const count = (grade: PreflightFinding["grade"]): number =>
    findings.filter((one) => one.grade === grade).length;
  return { ok: count("ok"), warn: count("warn"), fail: count("fail"), unknown: count("unknown") };
}

function lookOf(counts: Readonly<Record<string, number>>, lines: readonly string[]): Look {
  const values = Object.fromEntries(Object.entries(counts).map(([grade, count]) => [grade, String(count)]));
  const failures = counts["fail"] ?? 0;
  return failures === 0
    ? done("preflight-done", values, { lines })
    : waiting("preflight-done", values, { lines, remedy: { word: "preflight-fix", values: {} } });
}
