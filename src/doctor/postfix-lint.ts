import type { Language } from "../journal/words/language.ts";
import { lintPostfix, type LintFinding } from "../postfix/lint.ts";
import { LINT_WORDS } from "../postfix/lint-words.ts";
import type { Sources } from "../postfix/sources.ts";
import { failure, fine, warning, type Finding } from "./finding.ts";
import { say } from "./words/phrase.ts";
import { reasonInWords } from "./words/reasons.ts";
import { seen } from "./words/seen.ts";

/** What the configuration of a Postfix says beside what it shows outside; undefined where there is no main.cf. Hints are `lint postfix`'s. */
export function postfixFindings(sources: Sources, directory: string): readonly Finding[] | undefined {
  const found = lintPostfix(sources);
  if (found === undefined) return undefined;
  const serious = found.filter(({ severity }) => severity !== "hint");
  if (serious.length === 0)
    return [fine("postfix", directory, seen("hints", { count: String(found.length) }))];
  return serious.map(({ severity, id, word, values, ...place }) =>
    (severity === "danger" ? failure : warning)(
      "postfix",
      directory,
      seen(`postfix-${word}`, { ...values, id }),
      `postfix-${word}`,
      { ...values, place: placeText(place) },
    ),
  );
}

/** `main.cf:12`; the file alone where the setting is missing. */
export const placeText = ({ file, line }: Pick<LintFinding, "file" | "line">): string =>
  line === 0 ? file : `${file}:${line}`;

/** A finding of the lint by itself, in words. */
export function lintTold(
  { word, values }: Pick<LintFinding, "word" | "values">,
  language: Language,
): Readonly<Record<"what" | "why" | "remedy", string>> {
  const { reason } = values;
  const inWords = reason === undefined ? values : { ...values, reason: reasonInWords(reason, language) };
  const { what, why, remedy } = LINT_WORDS[word];
  return {
    what: say(what, language, inWords),
    why: say(why, language, inWords),
    remedy: say(remedy, language, inWords),
  };
}
