import type { Language } from "../../journal/words/language.ts";
import { checkOf, FAMILIES, type Family } from "../checks.ts";
import type { Finding, Grade } from "../finding.ts";
import { below, BELOW_A_ROW, fit, remedies, row, shortened, type LineStyle } from "../report-lines.ts";
import { evidenceText, told } from "../words/told.ts";
import { say } from "../words/phrase.ts";
import { ATTACK_WORDS } from "../words/report-words.ts";
import { advisoriesOf } from "./advisories.ts";
import type { AttackReport } from "./attack.ts";

type Style = LineStyle & { readonly language: Language };

/** Titles here are longer than the doctor's, and of a place only its port matters. */
const WIDTHS = [58];
const EVIDENCE_CHARS = 110;
const CVE = /\bCVE-[0-9]{4}-[0-9]+/g;

/** Every attack with what the server did and which published holes it is about; what succeeded with its remedy. */
export function attackText(report: AttackReport, style: Style): string {
  const families = (Object.keys(FAMILIES) as Family[]).flatMap((family) => {
    const here = report.findings.filter(({ check }) => checkOf(check).family === family);
    return here.length === 0 ? [] : [familyText(family, here, style)];
  });
  return [...families, summary(report, style)].join("\n\n");
}

function familyText(family: Family, findings: readonly Finding[], style: Style): string {
  const groups = Map.groupBy(findings, ({ check, grade }) => `${check} ${grade}`);
  return [
    bold(FAMILIES[family][style.language], style),
    ...[...groups.values()].map((alike) => lines(alike, style)),
  ].join("\n");
}

/** One attack at its doors. */
function lines(alike: readonly Finding[], style: Style): string {
  const [finding] = alike as readonly [Finding, ...Finding[]];
  const { title, source } = checkOf(finding.check);
  const ports = [...new Set(alike.map(({ subject }) => subject.split(":").at(-1)))].join(", ");
  const evidence = [...new Set(alike.map((one) => evidenceText(one.evidence, style.language)))]
    .filter((one) => one !== "")
    .join(" | ");
  const advisories = [...new Set([...advisoriesOf(finding.check), ...(source.match(CVE) ?? [])])];
  return [
    ...row(finding.grade, [title[style.language], ports], style, WIDTHS),
    ...below([shortened(evidence, EVIDENCE_CHARS), advisories.join(", ")].filter(Boolean), style),
    ...whatToDo(finding, style),
  ].join("\n");
}

function whatToDo(finding: Finding, style: Style): readonly string[] {
  if (finding.grade === "ok") return [];
  const { why, remedy } = told(finding, style.language);
  return [...below([why], style), ...remedies([remedy], BELOW_A_ROW, style)];
}

const MEGABYTE = 1024 * 1024;

function summary({ findings, spent, budget, longestWait_ms }: AttackReport, style: Style): string {
  const { language } = style;
  const count = (...grades: Grade[]): string =>
    String(findings.filter(({ grade }) => grades.includes(grade)).length);
  const values = {
    cases: String(new Set(findings.map(({ check }) => check)).size),
    doors: String(new Set(findings.map(({ subject }) => subject)).size),
    held: count("ok"),
    broken: count("fail", "warn"),
    unknown: count("unknown"),
    connections: String(spent.connections),
    connectionsmax: String(budget.connections),
    megabytes: (spent.octets / MEGABYTE).toFixed(1),
    megabytesmax: (budget.octets / MEGABYTE).toFixed(0),
    seconds: (spent.duration_ms / 1_000).toFixed(0),
    secondsmax: (budget.duration_ms / 1_000).toFixed(0),
    wait: String(longestWait_ms),
  };
  const lines = [say(ATTACK_WORDS.spent, language, values), say(ATTACK_WORDS.cost, language, values)];
  return fit(lines, style).join("\n");
}

const bold = (text: string, { colour }: Style): string => (colour ? `\u001b[1m${text}\u001b[0m` : text);
