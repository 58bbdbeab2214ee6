import type { Grade, Values } from "../doctor/finding.ts";
import { say } from "../doctor/words/phrase.ts";
import type { Language } from "../journal/words/language.ts";
import { NOTES, TITLES, type NoteId, type TitleId } from "./words.ts";

/** One thing that was looked at before settings are used. Only `fail` keeps them from it. */
export type Looked = {
  readonly id: TitleId;
  readonly grade: Grade;
  /** What was seen, as it was seen. */
  readonly evidence: string;
  /** Why it is not ok and what to do. */
  readonly note?: NoteId;
  readonly values?: Values;
};

export const good = (id: TitleId, evidence: string): Looked => ({ id, grade: "ok", evidence });

export const bad = (
  id: TitleId,
  evidence: string,
  note: NoteId,
  values: Values = {},
  grade: "fail" | "warn" | "unknown" = "fail",
): Looked => ({ id, grade, evidence, note, values });

export const isGood = (looked: readonly Looked[]): boolean => looked.every(({ grade }) => grade !== "fail");

/** For programs, with its words. */
export function lookedJson({ id, grade, evidence, note, values }: Looked, language: Language): object {
  return {
    id,
    grade,
    title: say(TITLES[id], language, {}),
    evidence,
    ...(note === undefined
      ? {}
      : {
          why: say(NOTES[note].why, language, values ?? {}),
          remedy: say(NOTES[note].remedy, language, values ?? {}),
        }),
  };
}

/** For people. */
export function lookedText(looked: readonly Looked[], language: Language): string {
  return looked.flatMap((one) => linesOf(one, language)).join("\n");
}

function linesOf({ id, grade, evidence, note, values = {} }: Looked, language: Language): readonly string[] {
  const shown = evidence === "" ? "" : `: ${evidence}`;
  const line = `  ${grade.padEnd(7)} ${say(TITLES[id], language, {})}${shown}`;
  if (note === undefined) return [line];
  const { why, remedy } = NOTES[note];
  return [line, `          ${say(why, language, values)}`, `          -> ${say(remedy, language, values)}`];
}
