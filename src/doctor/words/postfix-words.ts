import { LINT_WORDS, type LintWord } from "../../postfix/lint-words.ts";
import type { Note, Phrase } from "./phrase.ts";

type Named<T> = Readonly<Record<`postfix-${LintWord}`, T>>;

function named<T>(make: (words: (typeof LINT_WORDS)[LintWord]) => T): Named<T> {
  const all = Object.entries(LINT_WORDS).map(([word, words]) => [`postfix-${word}`, make(words)]);
  return Object.fromEntries(all) as Named<T>;
}

/** What the configuration of a Postfix says: by the name scripts know it by. */
export const POSTFIX_SEEN: Named<Phrase> = named(({ what: { en, de } }) => ({
  en: `{id}: ${en}`,
  de: `{id}: ${de}`,
}));

/** And why that is not as it should be. */
export const POSTFIX_NOTES: Named<Note> = named(({ why: { en, de }, remedy }) => ({
  why: { en: `{place}: ${en}`, de: `{place}: ${de}` },
  remedy,
}));
