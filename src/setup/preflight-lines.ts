import { say } from "../doctor/words/phrase.ts";
import type { Language } from "../journal/words/language.ts";
import type { PreflightFinding } from "./preflight/finding.ts";
import { PREFLIGHT_NOTES, PREFLIGHT_TITLES } from "./words/preflight.ts";
import { reasonText } from "./words/reasons.ts";

const MARKS = { ok: "✓", warn: "!", fail: "✗", unknown: "?" } as const;
const TITLE_COLUMNS = 26;

/** One line each; below what is not ok why, and what to do. */
export function preflightLines(findings: readonly PreflightFinding[], language: Language): readonly string[] {
  return findings.flatMap(({ check, grade, evidence, note, values }) => {
    const title = say(PREFLIGHT_TITLES[check], language, {}).padEnd(TITLE_COLUMNS);
    const first = `${MARKS[grade]} ${title} ${evidence}`.trimEnd();
    if (note === undefined) return [first];
    const { why, remedy } = PREFLIGHT_NOTES[note];
    const said = spelled(values, language);
    return [first, `    ${say(why, language, said)}`, `    -> ${say(remedy, language, said)}`];
  });
}

type Values = Readonly<Record<string, string>>;

const spelled = ({ reason, ...values }: Values, language: Language): Values =>
  reason === undefined ? values : { ...values, reason: reasonText(reason, language) };

/** For programs. */
export const preflightJson = (findings: readonly PreflightFinding[], language: Language) =>
  findings.map(({ check, grade, evidence, note, values }) => ({
    check,
    grade,
    evidence,
    ...(note === undefined
      ? {}
      : {
          note,
          why: say(PREFLIGHT_NOTES[note].why, language, spelled(values, language)),
          remedy: say(PREFLIGHT_NOTES[note].remedy, language, spelled(values, language)),
        }),
  }));
