import { escapeXml as escapeHtml } from "../authentication/reports/xml.ts";
import type { Language } from "../journal/words/language.ts";
import type { DoctorFinding, DoctorReport } from "./report-json.ts";
import { say } from "./words/phrase.ts";
import { ATTACK_WORDS, HTML_WORDS } from "./words/report-words.ts";

const MARKS: Readonly<Record<string, string>> = { ok: "✓", warn: "!", fail: "✗", unknown: "?" };

/** One file that can be sent on: no script, nothing loaded from elsewhere, readable on paper. */
export function reportHtml(report: DoctorReport, subject: string, language: Language, at_ms: number): string {
  const words = (key: keyof typeof HTML_WORDS, values: Readonly<Record<string, string>> = {}): string =>
    escapeHtml(say(HTML_WORDS[key], language, values));
  const isAttack = report.families.some(({ family }) => family.startsWith("attack-"));
  const problems = report.findings.filter(({ grade }) => grade !== "ok");
  const inOrder = [...problems].sort((one, other) => rank(one.grade) - rank(other.grade));
  const date = new Date(at_ms).toISOString().slice(0, 16).replace("T", " ");
  return `<!doctype html>
<html lang="${language}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>${words("title", { subject })}</title><style>${STYLE}</style></head><body>
<h1>${words("title", { subject })}</h1>
<p class="date">${escapeHtml(date)} UTC</p>
<div class="figures">${figure(`${report.score}`, words("score"))}${
    report.letter === undefined ? "" : figure(report.letter, words("letter"))
  }${report.internetNl === undefined ? "" : figure(`${report.internetNl.percent} %`, words("internetNl"))}${figure(
    `${report.counts.fail}`,
    words("failures"),
  )}${figure(`${report.counts.warn}`, words("warnings"))}${figure(`${report.counts.unknown}`, words("unknown"))}</div>
<h2>${words("problems")}</h2>
${inOrder.length === 0 ? `<p>${words("none")}</p>` : inOrder.map((one) => problem(one)).join("\n")}
<h2>${words("everything")}</h2>
${report.families.map(({ family, title, score }) => familyTable(report, family, title, score)).join("\n")}
<p class="date">${isAttack ? escapeHtml(ATTACK_WORDS.foot[language]) : words("foot")}</p>
</body></html>
`;
}

const rank = (grade: string): number => ["fail", "warn", "unknown", "ok"].indexOf(grade);

const figure = (value: string, name: string): string =>
  `<div><b>${escapeHtml(value)}</b><span>${name}</span></div>`;

function problem(one: DoctorFinding): string {
  return `<section class="${one.grade}"><h3><i>${MARKS[one.grade]}</i> ${escapeHtml(one.title)} <small>${escapeHtml(
    one.subject,
  )}</small></h3><p>${escapeHtml(one.why ?? "")}</p><p class="remedy">${escapeHtml(one.remedy ?? "")}</p>${
    one.evidence === "" ? "" : `<code>${escapeHtml(one.evidence)}</code>`
  }</section>`;
}

function familyTable({ findings }: DoctorReport, family: string, title: string, score: number): string {
  const rows = findings
    .filter((one) => one.family === family)
    .map(
      (one) =>
        `<tr class="${one.grade}"><td>${MARKS[one.grade]}</td><td>${escapeHtml(one.title)}</td><td>${escapeHtml(
          one.subject,
        )}</td><td><code>${escapeHtml(one.evidence)}</code></td></tr>`,
    );
  return `<details><summary>${escapeHtml(title)} (${score} %)</summary><table>${rows.join("")}</table></details>`;
}

const STYLE = `
:root{color-scheme:light dark;--ok:#1a7f37;--warn:#9a6700;--fail:#cf222e;--unknown:#0969da}
body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem}
h1{margin-bottom:0}.date{color:gray;margin-top:0}
.figures{display:flex;flex-wrap:wrap;gap:1rem;margin:1rem 0}
.figures div{border:1px solid #8884;border-radius:.5rem;padding:.5rem 1rem;min-width:6rem}
.figures b{display:block;font-size:1.8rem;line-height:1.2}.figures span{color:gray;font-size:.85rem}
section{border-left:.3rem solid gray;padding:.2rem 1rem;margin:1rem 0}
section h3{margin:.2rem 0}section p{margin:.3rem 0}small{font-weight:normal;color:gray}
.remedy::before{content:"\\2192  "}.remedy{font-weight:600}
code{font-size:.85rem;overflow-wrap:anywhere}i{font-style:normal}
.ok td:first-child{color:var(--ok)}
section.warn{border-color:var(--warn)}.warn i,.warn td:first-child{color:var(--warn)}
section.fail{border-color:var(--fail)}.fail i,.fail td:first-child{color:var(--fail)}
section.unknown{border-color:var(--unknown)}.unknown i,.unknown td:first-child{color:var(--unknown)}
summary{cursor:pointer;font-weight:600;margin:.5rem 0}
table{border-collapse:collapse;width:100%}td{padding:.2rem .5rem;vertical-align:top;border-top:1px solid #8883}
@media print{details>*{display:block}}
`;
