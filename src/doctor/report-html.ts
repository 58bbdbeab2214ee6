import { escapeXml as escapeHtml } from "../authentication/reports/xml.ts";
import type { Language } from "../journal/words/language.ts";
import { placeless, together, type Placed } from "./alike.ts";
import type { Grade, Values } from "./finding.ts";
import type { DoctorFinding, DoctorReport } from "./report-json.ts";
import { STYLE } from "./report-html-style.ts";
import { subjectsText } from "./subjects.ts";
import { say } from "./words/phrase.ts";
import { isNote } from "./words/notes.ts";
import { told } from "./words/told.ts";
import { ATTACK_WORDS, HTML_WORDS } from "./words/report-words.ts";
import { byUrgency } from "./urgency.ts";

const MARKS: Readonly<Record<Grade, string>> = { ok: "✓", warn: "!", fail: "✗", unknown: "?" };

/** One file that can be sent on: no script, nothing loaded from elsewhere, readable on paper. */
export function reportHtml(report: DoctorReport, subject: string, language: Language, at_ms: number): string {
  const words = (key: keyof typeof HTML_WORDS, values: Readonly<Record<string, string>> = {}): string =>
    escapeHtml(say(HTML_WORDS[key], language, values));
  const problems = report.findings.filter(({ grade }) => grade !== "ok");
  const inOrder = [...problems].sort(byUrgency);
  const isAttack = report.families.some(({ family }) => family.startsWith("attack-"));
  const isOwn = report.families.some(({ family }) => family === "operations");
  const foot = isAttack ? escapeHtml(ATTACK_WORDS.foot[language]) : words(isOwn ? "footOwn" : "foot");
  const date = new Date(at_ms).toISOString().slice(0, 16).replace("T", " ");
  return `<!doctype html>
<html lang="${language}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">
<title>${words("title", { subject })}</title><style>${STYLE}</style></head><body><main>
<h1>${words("title", { subject })}</h1>
<p class="date">${escapeHtml(date)} UTC</p>
<dl class="figures">${figure(`${report.score}`, words("score"))}${
    report.letter === undefined ? "" : figure(report.letter, words("letter"))
  }${report.internetNl === undefined ? "" : figure(`${report.internetNl.percent} %`, words("internetNl"))}${figure(
    `${report.counts.fail}`,
    words("failures"),
  )}${figure(`${report.counts.warn}`, words("warnings"))}${figure(`${report.counts.unknown}`, words("unknown"))}</dl>
<h2>${words("problems")}</h2>
${inOrder.length === 0 ? `<p>${words("none")}</p>` : problemsHtml(inOrder, language)}
<h2>${words("everything")}</h2>
${report.families.map(({ family, title, score }) => familyTable(report, { family, title, score }, language)).join("\n")}
<p class="date">${foot}</p>
</main></body></html>
`;
}

const word = (key: keyof typeof HTML_WORDS, language: Language): string =>
  escapeHtml(say(HTML_WORDS[key], language, {}));

const figure = (value: string, name: string): string =>
  `<div><dt>${name}</dt><dd>${escapeHtml(value)}</dd></div>`;

/** The sign for the eye, the word for those who are read to. */
const mark = (grade: Grade, language: Language): string =>
  `<span class="mark" aria-hidden="true">${MARKS[grade]}</span><span class="spoken">${word(grade, language)}</span>`;

/** What says the same about several places once; what waits for something else by its names only. */
function problemsHtml(problems: readonly DoctorFinding[], language: Language): string {
  const waiting = (one: DoctorFinding): boolean => one.because !== undefined || one.note === "not-looked";
  const alike = Map.groupBy(
    problems.filter((one) => !waiting(one)),
    (one) => {
      const { why, remedy } = wordsOf(one, placeless(placed(one)), language);
      return [one.check, one.grade, why, remedy].join("\n");
    },
  );
  const titles = [
    ...waitingFor(problems, language),
    ...new Set(problems.filter((one) => waiting(one) && one.because === undefined).map(({ title }) => title)),
  ];
  const rest =
    titles.length === 0
      ? []
      : [
          `<section class="unknown"><h3>${mark("unknown", language)} ${word("notLooked", language)}</h3><ul>${titles
            .map((title) => `<li>${escapeHtml(title)}</li>`)
            .join("")}</ul></section>`,
        ];
  return [...[...alike.values()].map((group) => problem(group, language)), ...rest].join("\n");
}

const placed = ({ subject, values = {} }: DoctorFinding): Placed => ({ subject, values });

/** With other values than its own. A note of a later version has the words it came with. */
const wordsOf = (
  { note = "", why, remedy }: DoctorFinding,
  values: Values,
  language: Language,
): { readonly why?: string | undefined; readonly remedy?: string | undefined } =>
  isNote(note) ? told({ note, values }, language) : { why, remedy };

/** What waits for one finding, by number; the tables below name each. */
function waitingFor(problems: readonly DoctorFinding[], language: Language): readonly string[] {
  const groups = Map.groupBy(
    problems.filter(({ because }) => because !== undefined),
    ({ because }) => because?.check ?? "",
  );
  return [...groups].map(([cause, group]) => {
    const title = problems.find(({ check }) => check === cause)?.title ?? cause;
    const subject = subjectsText(group.flatMap(({ because }) => because?.subject ?? []));
    const several = cause === "server-answers" ? HTML_WORDS.stopped : HTML_WORDS.waiting;
    const words = group.length === 1 ? HTML_WORDS.waitingone : several;
    return say(words, language, { count: String(group.length), title, subject });
  });
}

/** What is wrong first: the name of a check says what should be. */
function problem(alike: readonly DoctorFinding[], language: Language): string {
  const [one] = alike as readonly [DoctorFinding, ...DoctorFinding[]];
  const { why = one.title, remedy = "" } = wordsOf(
    one,
    together(alike.map(placed) as [Placed, ...Placed[]]),
    language,
  );
  const place = escapeHtml(subjectsText(alike.map(({ subject }) => subject)));
  const evidence = escapeHtml([...new Set(alike.map((each) => each.evidence))].filter(Boolean).join(" | "));
  return `<section class="${one.grade}"><h3>${mark(one.grade, language)} ${escapeHtml(
    why,
  )}</h3><p class="remedy">${escapeHtml(remedy)}</p><p class="about">${escapeHtml(
    say(HTML_WORDS.should, language, { title: one.title }),
  )} (${place})${evidence === "" ? "" : `<br><code>${evidence}</code>`}</p></section>`;
}

/** Where nothing was seen, why. */
const sight = ({ evidence, why = "" }: DoctorFinding): string =>
  evidence === "" ? `<small>${escapeHtml(why)}</small>` : `<code>${escapeHtml(evidence)}</code>`;

type Head = { readonly family: string; readonly title: string; readonly score: number };

function familyTable({ findings }: DoctorReport, { family, title, score }: Head, language: Language): string {
  const rows = findings
    .filter((one) => one.family === family)
    .map(
      (one) =>
        `<tr class="${one.grade}"><td>${mark(one.grade, language)}</td><td>${escapeHtml(
          one.title,
        )}</td><td>${escapeHtml(one.subject)}</td><td>${sight(one)}</td></tr>`,
    );
  const heads = (["check", "place", "evidence"] as const).map(
    (key) => `<th scope="col">${word(key, language)}</th>`,
  );
  return `<details><summary>${escapeHtml(title)} (${score} %)</summary><table><thead><tr><td></td>${heads.join(
    "",
  )}</tr></thead><tbody>${rows.join("")}</tbody></table></details>`;
}
