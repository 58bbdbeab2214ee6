import type { Language } from "../journal/words/language.ts";
import { checkOf, FAMILIES, type Family } from "./checks.ts";
import type { Finding, Grade } from "./finding.ts";
import { scoreOf, type Score } from "./score.ts";
import { noteOf } from "./words/notes.ts";
import { say } from "./words/phrase.ts";
import { REPORT_WORDS } from "./words/report-words.ts";

export type ReportStyle = { readonly language: Language; readonly colour: boolean };

const MARKS: Readonly<Record<Grade, string>> = { ok: "✓", warn: "!", fail: "✗", unknown: "?" };
const COLOURS: Readonly<Record<Grade, number>> = { ok: 32, warn: 33, fail: 31, unknown: 36 };
const TITLE_COLUMNS = 46;
const SUBJECT_COLUMNS = 28;
const EVIDENCE_CHARS = 100;
/** HOST:PORT; an IPv6 address by itself is none. */
const PLACE = /^([^:]+):([0-9]+)$/;

/** For people: by family, one line each, and below what is not ok why and what to do. */
export function reportText(findings: readonly Finding[], style: ReportStyle): string {
  const score = scoreOf(findings);
  const blocks = score.families.map(({ family, percent }) => familyText(findings, family, percent, style));
  return [...blocks, summary(score, style)].join("\n\n");
}

function familyText(
  findings: readonly Finding[],
  family: Family,
  percent: number,
  style: ReportStyle,
): string {
  const here = findings.filter(({ check }) => checkOf(check).family === family);
  const looked = here.filter((finding) => !isConsequence(finding));
  const head = `${FAMILIES[family][style.language]} (${percent} %)`;
  return [
    bold(head, style),
    ...folded(looked, style.language).map((alike) => findingText(alike, style)),
    ...consequences(here, style),
  ].join("\n");
}

/** What says the same about several hosts or ports is one line. */
function folded(findings: readonly Finding[], language: Language): readonly (readonly Finding[])[] {
  const groups = Map.groupBy(findings, (finding) =>
    finding.grade === "ok"
      ? finding.check
      : `${finding.check} ${finding.grade} ${say(noteOf(finding.note).why, language, finding.values)}`,
  );
  return [...groups.values()];
}

function findingText(alike: readonly Finding[], style: ReportStyle): string {
  const [finding] = alike as readonly [Finding, ...Finding[]];
  const title = checkOf(finding.check).title[style.language].padEnd(TITLE_COLUMNS);
  const evidence = [...new Set(alike.map((one) => one.evidence))].join(" | ").slice(0, EVIDENCE_CHARS);
  const line = `${title} ${subjects(alike).padEnd(SUBJECT_COLUMNS)} ${evidence}`.trimEnd();
  const first = `  ${paint(MARKS[finding.grade], finding.grade, style)} ${line}`;
  if (finding.grade === "ok") return first;
  const { why, remedy } = noteOf(finding.note);
  return [
    first,
    `      ${say(why, style.language, finding.values)}`,
    `      -> ${say(remedy, style.language, finding.values)}`,
  ].join("\n");
}

/** `mail.example.org:25, 465, 993` */
function subjects(alike: readonly Finding[]): string {
  const ports = Map.groupBy(
    new Set(alike.map(({ subject }) => subject)),
    (subject) => PLACE.exec(subject)?.[1] ?? subject,
  );
  return [...ports]
    .map(([host, places]) =>
      places.length === 1 ? places[0] : `${host}:${places.map((place) => PLACE.exec(place)?.[2]).join(", ")}`,
    )
    .join(", ");
}

/** Something else has to be settled first; said once for all such checks of a subject. */
const isConsequence = (finding: Finding): boolean =>
  finding.grade === "unknown" && finding.note === "not-looked" && finding.evidence === "";

function consequences(findings: readonly Finding[], style: ReportStyle): readonly string[] {
  const groups = Map.groupBy(findings.filter(isConsequence), (finding) =>
    finding.grade === "ok" ? "" : `${finding.subject} (${finding.values["reason"] ?? ""})`,
  );
  return [...groups].map(([subject, group]) => {
    const titles = group.map(({ check }) => checkOf(check).title[style.language]).join("; ");
    return `  ${paint(MARKS.unknown, "unknown", style)} ${say(REPORT_WORDS.notLooked, style.language, { subject, titles })}`;
  });
}

function summary({ percent, counts }: Score, { language }: ReportStyle): string {
  const values = Object.fromEntries(
    Object.entries({ percent, ...counts }).map(([key, value]) => [key, String(value)]),
  );
  return say(REPORT_WORDS.summary, language, values);
}

const paint = (text: string, grade: Grade, { colour }: ReportStyle): string =>
  colour ? `\u001b[${COLOURS[grade]}m${text}\u001b[0m` : text;
const bold = (text: string, { colour }: ReportStyle): string => (colour ? `\u001b[1m${text}\u001b[0m` : text);
