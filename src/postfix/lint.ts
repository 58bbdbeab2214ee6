import { asService, readConfiguration, type PostfixConfiguration } from "./configuration.ts";
import type { LintFinding, Observation } from "./lint-finding.ts";
import { lintLists } from "./lint-lists.ts";
import { lintFiles, lintManners } from "./lint-manners.ts";
import { lintRelay } from "./lint-relay.ts";
import { lintTls } from "./lint-tls.ts";
import { lintId } from "./lint-words.ts";
import type { Sources } from "./sources.ts";

export type { LintFinding } from "./lint-finding.ts";

/** Findings about a Postfix, by place; `undefined` where there is no main.cf. Pure, total. */
export function lintPostfix(sources: Sources): readonly LintFinding[] | undefined {
  const postfix = readConfiguration(sources);
  if (postfix === undefined) return undefined;
  const findings = new Map<string, LintFinding>();
  const report = (observation: Observation): void => {
    const finding = { values: {}, ...observation, id: lintId(observation.word) };
    const key = JSON.stringify([finding.word, finding.file, finding.line, finding.values]);
    if (!findings.has(key)) findings.set(key, finding);
  };
  lintFiles(postfix, report);
  for (const view of viewsOf(postfix)) {
    lintRelay(view, report);
    lintTls(view, report);
    lintLists(view, report);
    lintManners(view, report);
  }
  return [...findings.values()].toSorted((a, b) => a.file.localeCompare(b.file) || a.line - b.line);
}

/** What each service facing the network sees; main.cf alone where master.cf names none. */
function viewsOf(postfix: PostfixConfiguration): readonly PostfixConfiguration[] {
  const facing = postfix.master?.services.filter(
    ({ type, command }) => (type === "inet" || type === "pass") && command === "smtpd",
  );
  return facing === undefined || facing.length === 0
    ? [postfix]
    : facing.map((service) => asService(postfix, service));
}
