import { say } from "../doctor/words/phrase.ts";
import type { Language } from "../journal/words/language.ts";
import type { StepResult } from "./run.ts";
import type { Look, Standing } from "./step.ts";
import { STEPS } from "./steps.ts";
import { SENTENCES } from "./words/sentences.ts";

const MARKS: Readonly<Record<Standing, string>> = { done: "✓", todo: "-", waiting: "!", failed: "✗" };

/** English and German differ in length. */
const columnsOf = (language: Language): number =>
  Math.max(26, ...STEPS.map(({ title }) => title[language].length));

export const sentenceOf = ({ word, values }: Pick<Look, "word" | "values">, language: Language): string =>
  say(SENTENCES[word], language, values);

/** One step: its state in a line, lines to copy, what to do. */
export function stepText({ step, look }: StepResult, language: Language): string {
  const title = step.title[language].padEnd(columnsOf(language));
  return [
    `${MARKS[look.standing]} ${title} ${sentenceOf(look, language)}`,
    ...(look.lines ?? []).map((line) => `    ${line}`),
    ...(look.remedy === undefined ? [] : [`    -> ${sentenceOf(look.remedy, language)}`]),
  ].join("\n");
}

/** The end: how much is done, and what is left. */
export function summaryText(results: readonly StepResult[], language: Language): string {
  const done = results.filter(({ look }) => look.standing === "done").length;
  const left = results.filter(({ look }) => look.standing !== "done");
  const words = (word: "summary" | "left-some" | "left-none" | "left-backup", values = {}): string =>
    say(SENTENCES[word], language, values);
  return [
    "",
    words("summary", { done: String(done), all: String(STEPS.length) }),
    words(left.length === 0 ? "left-none" : "left-some"),
    ...left.map(
      ({ step, look }) => `  - ${step.title[language]}: ${sentenceOf(look.remedy ?? look, language)}`,
    ),
    ...notReached(results, language),
    `  - ${words("left-backup")}`,
  ].join("\n");
}

const notReached = (results: readonly StepResult[], language: Language): readonly string[] =>
  STEPS.slice(results.length).map(({ title }) => `  - ${title[language]}: ${SENTENCES.later[language]}`);

/** For programs. */
export const resultsJson = (results: readonly StepResult[], language: Language) =>
  results.map(({ step, look }) => ({
    step: step.id,
    standing: look.standing,
    code: look.word,
    text: sentenceOf(look, language),
    ...(look.lines === undefined ? {} : { lines: look.lines }),
    ...(look.remedy === undefined ? {} : { remedy: sentenceOf(look.remedy, language) }),
  }));
