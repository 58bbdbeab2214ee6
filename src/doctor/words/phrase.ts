import type { Language, Words } from "../../journal/words/language.ts";

/** One sentence in every language; values stand in braces. */
export type Phrase = Words;

/** Why something is not as it should be, and what to do. */
export type Note = { readonly why: Phrase; readonly remedy: Phrase };

export const phrase = (en: string, de: string): Phrase => ({ en, de });

export const note = (en: string, de: string, remedyEn: string, remedyDe: string): Note => ({
  why: { en, de },
  remedy: { en: remedyEn, de: remedyDe },
});

/** The sentence with its values. A value nobody gave keeps its braces, so that a test sees it. */
export const say = (words: Phrase, language: Language, values: Readonly<Record<string, string>>): string =>
  words[language].replace(/\{([a-z]+)\}/g, (whole, name: string) => values[name] ?? whole);
