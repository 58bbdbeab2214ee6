import type { Language } from "../journal/words/language.ts";
import { CHECKS } from "./checks.ts";
import type { Change } from "./diff.ts";
import type { Grade } from "./finding.ts";
import { row, type LineStyle } from "./report-lines.ts";
import { subjectsText } from "./subjects.ts";
import { say } from "./words/phrase.ts";
import { DIFF_WORDS } from "./words/report-words.ts";

/** What changed since an earlier examination, for people; what changed alike at several places is one line. */
export function changesText(
  since: string | undefined,
  changes: readonly Change[],
  style: LineStyle & { readonly language: Language },
): string {
  const { language } = style;
  if (since === undefined) return say(DIFF_WORDS.first, language, {});
  if (changes.length === 0) return say(DIFF_WORDS.none, language, { date: since });
  const word = (grade: Grade | undefined): string => say(DIFF_WORDS[grade ?? "absent"], language, {});
  const alike = Map.groupBy(changes, ({ check, before, now }) => `${check} ${before} ${now}`);
  return [
    say(DIFF_WORDS.since, language, { date: since }),
    ...[...alike.values()].flatMap((group) => {
      const [{ check, title, before, now }] = group as [Change, ...Change[]];
      const subjects = subjectsText(group.map(({ subject }) => subject));
      return row(
        now ?? "unknown",
        [titleOf(check, language) ?? title, `${word(before)} → ${word(now)}`, subjects],
        style,
      );
    }),
  ].join("\n");
}

/** A kept report has titles in the language it was asked for in; another version may know other checks. */
const titleOf = (check: string, language: Language): string | undefined =>
  Object.entries(CHECKS).find(([id]) => id === check)?.[1].title[language];
