import { signingRecords } from "../../accounts/signing-keys.ts";
import type { Domain } from "../../base/domain-name.ts";
import { loadConfig } from "../../config/load.ts";
import { checkOf } from "../../doctor/checks.ts";
import { examine } from "../../doctor/examine.ts";
import type { Finding } from "../../doctor/finding.ts";
import { ownServerFacts } from "../../doctor/net-own-server.ts";
import { scoreOf } from "../../doctor/score.ts";
import { ownPlan } from "../../doctor/targets.ts";
import { told } from "../../doctor/words/told.ts";
import { phrase } from "../../doctor/words/phrase.ts";
import type { Language } from "../../journal/words/language.ts";
import type { Job } from "../job.ts";
import { readText } from "../machine-files.ts";
import { asUser } from "../machine-users.ts";
import { serverAnswers } from "../network-server.ts";
import { done, todo, waiting, type Step } from "../step.ts";

/** The doctor looks at the new server as strangers will. */
export const selfTestStep: Step = {
  id: "self-test",
  title: phrase("Self-test", "Selbsttest"),
  essential: false,
  async look(job) {
    return (await serverAnswers(job.answers)) ? todo("test-todo") : waiting("test-none");
  },
  async act(job) {
    const findings = await examined(job);
    const { percent, counts } = scoreOf(findings);
    const values = Object.fromEntries(
      Object.entries({ percent, ...counts }).map(([name, value]) => [name, String(value)]),
    );
    const bad = findings.filter(({ grade }) => grade === "fail" || grade === "warn");
    const lines = bad.flatMap((finding) => findingLines(finding, job.language));
    const more = { lines, remedy: { word: "test-fix", values: {} } } as const;
    if (counts.fail > 0) return waiting("test-points", values, more);
    return bad.length === 0 ? done("test-points", values) : done("test-points", values, more);
  },
};

/** What is known to be wrong; what is unknown is counted, `wachpost doctor` tells all. */
function findingLines(finding: Finding, language: Language): readonly string[] {
  if (finding.grade === "ok") return [];
  const { why, remedy } = told(finding, language);
  return [
    `${finding.grade === "fail" ? "✗" : "!"} ${checkOf(finding.check).title[language]}, ${finding.subject}`,
    `    ${why}`,
    `    -> ${remedy}`,
  ];
}

async function examined(job: Job): Promise<readonly Finding[]> {
  const { domain, hostName, config: file, trust } = job.answers;
  const config = await loadConfig(file);
  const trusted = trust === undefined ? undefined : await readText(trust);
  const own = await asUser(await job.owner(), () => readText(`${config.data}/tls/ca.pem`));
  const authorities = config.tls.acme.enabled ? trusted : own;
  const plan = await job.withStore(async ({ store, clock, cost }) => {
    const keys = await signingRecords({ store, clock, cost }, domain);
    const ours = { hostName: hostName as Domain, keys: keys.ok ? keys.value : [] };
    const domains = [{ domain, ours, selectors: [] }];
    const facts = await ownServerFacts(config, store, undefined, clock, job.net.dns);
    return await ownPlan({ config, domains, authorities, facts }, job.net);
  });
  return await examine(plan, job.net, (what) => job.progress(what));
}
