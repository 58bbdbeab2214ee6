import type { Language } from "../journal/words/language.ts";
import { placeless, together } from "./alike.ts";
import { checkOf, FAMILIES, type CheckId, type Family } from "./checks.ts";
import type { Finding, Grade } from "./finding.ts";
import { internetNl, NOT_LOOKED_AT } from "./internet-nl.ts";
import { letterOf } from "./letter.ts";
import { below, BELOW_A_ROW, fit, point, remedies, row, shortened, type LineStyle } from "./report-lines.ts";
import { scoreOf, type Score } from "./score.ts";
import { subjectsText } from "./subjects.ts";
import { say } from "./words/phrase.ts";
import { reasonInWords } from "./words/reasons.ts";
import { REPORT_WORDS } from "./words/report-words.ts";
import { evidenceText, told } from "./words/told.ts";
import { byUrgency, GRADES } from "./urgency.ts";

export type ReportStyle = LineStyle & {
  readonly language: Language;
  /** A line for everything; else problems only, and one line for each family. */
  readonly all?: boolean;
  /** Of a trial server: what has to be so there. */
  readonly expected?: readonly Finding[];
};

const EVIDENCE_CHARS = 100;
/** Of what is in order, by name, before the rest is counted. */
const TITLES_SHOWN = 4;

/** For people: what is wrong, why and what to do; then what is in order, as short as the style wants it. */
export function reportText(findings: readonly Finding[], style: ReportStyle): string {
  const score = scoreOf(findings);
  const blocks =
    style.all === true
      ? score.families.map(({ family, percent }) => familyText(findings, family, percent, style))
      : [...problemsText(findings, style), familyLines(findings, score, style)];
  return [...blocks, ...trialText(style), summary(findings, score, style)].join("\n\n");
}

/** All problems, the worst first, whatever family they are of. */
function problemsText(findings: readonly Finding[], style: ReportStyle): readonly string[] {
  const problems = findings
    .filter((finding) => finding.grade !== "ok" && !isConsequence(finding))
    .sort(byUrgency);
  const texts = folded(problems, style).map((alike) => findingText(alike, style));
  const rest = consequences(findings, style);
  return texts.length + rest.length === 0 ? [] : [[...texts, ...rest].join("\n")];
}

/** `✓ Names and DNS 85 %  12 of 14 ok: …` */
function familyLines(findings: readonly Finding[], score: Score, style: ReportStyle): string {
  return score.families
    .flatMap(({ family, percent }) => {
      const here = findings.filter(({ check }) => checkOf(check).family === family);
      const ids = [...new Set(here.map(({ check }) => check))];
      const good = ids.filter((id) => here.every(({ check, grade }) => check !== id || grade === "ok"));
      const titles = good.map((id) => checkOf(id).title[style.language]);
      const shown = titles.slice(0, TITLES_SHOWN);
      if (titles.length > shown.length)
        shown.push(
          say(REPORT_WORDS.further, style.language, { count: String(titles.length - shown.length) }),
        );
      const values = { ok: String(good.length), all: String(ids.length), titles: shown.join("; ") };
      const mark = good.length === ids.length ? "ok" : worstOf(here);
      const words = good.length === 0 ? REPORT_WORDS.restnone : REPORT_WORDS.rest;
      const head = `${FAMILIES[family][style.language]} ${percent} %`;
      return row(mark, [head, say(words, style.language, values)], style);
    })
    .join("\n");
}

const worstOf = (findings: readonly Finding[]): Grade =>
  GRADES.find((grade) => findings.some((finding) => finding.grade === grade)) ?? "ok";

function trialText(style: ReportStyle): readonly string[] {
  const { expected = [], language } = style;
  if (expected.length === 0) return [];
  const titles = [...new Set(expected.map(({ check }) => checkOf(check).title[language]))].join("; ");
  return [
    [
      ...fit([say(REPORT_WORDS.trial, language, { titles })], style),
      ...remedies([say(REPORT_WORDS.trialnext, language, {})], "", style),
    ].join("\n"),
  ];
}

function familyText(
  findings: readonly Finding[],
  family: Family,
  percent: number,
  style: ReportStyle,
): string {
  const here = findings.filter(({ check }) => checkOf(check).family === family);
  const looked = here.filter((finding) => !isNotLooked(finding));
  const head = `${FAMILIES[family][style.language]} (${percent} %)`;
  return [
    bold(head, style),
    ...folded(looked, style).map((alike) => findingText(alike, style)),
    ...consequences(here, style),
  ].join("\n");
}

/** What says the same about several hosts or ports is one line; what could not be asked for one reason, too. */
function folded(findings: readonly Finding[], style: ReportStyle): readonly (readonly Finding[])[] {
  const groups = Map.groupBy(findings, (finding) => {
    if (finding.grade === "ok") return finding.check;
    if (isUnasked(finding) && style.all !== true) return "own-unknown";
    const { why } = told({ ...finding, values: placeless(finding) }, style.language);
    return `${finding.check} ${finding.grade} ${why}`;
  });
  return [...groups.values()];
}

type Bad = Exclude<Finding, { readonly grade: "ok" }>;
const isBad = (finding: Finding): finding is Bad => finding.grade !== "ok";

/** Before its first start a server cannot be asked for anything: one remedy for all of it. */
const isUnasked = (finding: Finding): boolean =>
  finding.grade === "unknown" && finding.note === "own-unknown";

function findingText(alike: readonly Finding[], style: ReportStyle): string {
  const [finding] = alike as readonly [Finding, ...Finding[]];
  const { language } = style;
  const titles = new Set(alike.map(({ check }) => checkOf(check).title[language]));
  const subjects = subjectsText(alike.map(({ subject }) => subject));
  const evidence = titles.size > 1 ? "" : evidenceOf(alike, language);
  if (finding.grade === "ok")
    return row("ok", [[...titles].join("; "), subjects, evidence], style).join("\n");
  const bad = alike.filter(isBad) as [Bad, ...Bad[]];
  const { why } = told(merged(bad, language), language);
  // What the sentence says anyway is not said twice.
  const cells = [[...titles].join("; "), subjects, why.includes(evidence) ? "" : evidence];
  const first = row(finding.grade, cells, style);
  return [...first, ...below([why], style), ...remedies(waysOut(bad, language), BELOW_A_ROW, style)].join(
    "\n",
  );
}

/** The same fault in two places may want two remedies. */
function waysOut(alike: readonly Bad[], language: Language): readonly string[] {
  const ways = Map.groupBy(alike, (one) => told({ ...one, values: placeless(one) }, language).remedy);
  return [...ways.values()].map((group) => told(merged(group as [Bad, ...Bad[]], language), language).remedy);
}

/** One finding that speaks for all that are alike. */
function merged(alike: readonly [Bad, ...Bad[]], language: Language): Bad {
  const [finding] = alike;
  const values = together(alike);
  if (!isUnasked(finding)) return { ...finding, values };
  const parts = alike.flatMap((one) => one.values["what"] ?? []);
  const what = [...new Set(parts)].map((part) => reasonInWords(part, language)).join(", ");
  return { ...finding, values: { ...values, what } };
}

const evidenceOf = (alike: readonly Finding[], language: Language): string =>
  shortened(
    [...new Set(alike.map((one) => evidenceText(one.evidence, language)))].join(" | "),
    EVIDENCE_CHARS,
  );

const isNotLooked = (finding: Finding): boolean =>
  finding.grade === "unknown" && finding.note === "not-looked";

/** Something else has to be settled first; said once for all such checks of a subject. */
const isConsequence = (finding: Finding): boolean => finding.because !== undefined || isNotLooked(finding);

function consequences(findings: readonly Finding[], style: ReportStyle): readonly string[] {
  const { language } = style;
  const line = (text: string): string => point("unknown", text, style).join("\n");
  // Of everything, what was looked at has a line of its own.
  const all = findings.filter(style.all === true ? isNotLooked : isConsequence);
  const alone = Map.groupBy(
    all.filter(({ because }) => because === undefined || style.all === true),
    (finding) =>
      finding.grade === "ok"
        ? ""
        : `${finding.subject} (${reasonInWords(finding.values["reason"] ?? "", language)})`,
  );
  const waiting = Map.groupBy(
    all.filter(({ because }) => because !== undefined && style.all !== true),
    ({ because }) => because?.check,
  );
  return [
    ...[...waiting].map(([cause, group]) => line(waitingText(cause, group, language))),
    ...[...alone].map(([subject, group]) => {
      const titles = group.map(({ check }) => checkOf(check).title[language]).join("; ");
      return line(say(REPORT_WORDS.notLooked, language, { subject, titles }));
    }),
  ];
}

/** What waits for one thing, by number: before that is settled nobody wants to read it. */
function waitingText(cause: CheckId | undefined, group: readonly Finding[], language: Language): string {
  const title = cause === undefined ? "" : checkOf(cause).title[language];
  const subject = subjectsText(group.flatMap(({ because }) => because?.subject ?? []));
  const several = cause === "server-answers" ? REPORT_WORDS.stopped : REPORT_WORDS.waiting;
  const words = group.length === 1 ? REPORT_WORDS.waitingone : several;
  return say(words, language, { count: String(group.length), title, subject });
}

function summary(findings: readonly Finding[], { percent, counts }: Score, style: ReportStyle): string {
  const { language, all } = style;
  const values = Object.fromEntries(
    Object.entries({ percent, ...counts }).map(([key, value]) => [key, String(value)]),
  );
  const letter = letterOf(findings);
  const nl = internetNl(findings);
  const leftOut = [...new Set(NOT_LOOKED_AT.map(({ category }) => category))].join(", ");
  const why = letter?.why.map((check) => checkOf(check).title[language]).join("; ") ?? "";
  const lines = [
    say(REPORT_WORDS.summary, language, values),
    ...(letter === undefined
      ? []
      : [
          say(why === "" ? REPORT_WORDS.letter : REPORT_WORDS.letterwhy, language, {
            letter: letter.letter,
            why,
          }),
        ]),
    ...(nl === undefined
      ? []
      : [say(REPORT_WORDS.internetnl, language, { percent: String(nl.percent), left: leftOut })]),
    ...(all === true ? [] : [say(REPORT_WORDS.all, language, {})]),
  ];
  return fit(lines, style).join("\n");
}

const bold = (text: string, { colour }: ReportStyle): string => (colour ? `\u001b[1m${text}\u001b[0m` : text);
