import { NO_FLAGS, SystemFlag, type Flags } from "../store/store.ts";

/** Letters of `:2,` in the order they must stand. https://cr.yp.to/proto/maildir.html */
const LETTERS = [
  ["D", SystemFlag.draft],
  ["F", SystemFlag.flagged],
  ["R", SystemFlag.answered],
  ["S", SystemFlag.seen],
  ["T", SystemFlag.deleted],
] as const;
/** `P`: passed on. RFC 9051 §2.3.2 calls it `$Forwarded`. */
const FORWARDED = "$Forwarded";
/** Dovecot's letters for the keywords of a folder: `a` is the first of its `dovecot-keywords`. */
const KEYWORD_LETTERS = 26;

/** The part of a file name that stays when flags change. */
export const uniqueName = (file: string): string => file.split(":")[0] ?? file;

/** Flags out of a file name; `keywords`: what the letters of this folder stand for. */
export function flagsOfName(file: string, keywords: readonly string[]): Flags {
  const letters = /:2,([A-Za-z]*)$/.exec(file)?.[1];
  if (letters === undefined) return NO_FLAGS;
  let system = 0;
  const found: string[] = [];
  for (const letter of letters) {
    system |= LETTERS.find(([name]) => name === letter)?.[1] ?? 0;
    if (letter === "P") found.push(FORWARDED);
    const index = letter.charCodeAt(0) - 97;
    const keyword = index >= 0 && index < KEYWORD_LETTERS ? keywords[index] : undefined;
    if (keyword !== undefined) found.push(keyword);
  }
  return { system, keywords: [...new Set(found)].sort() };
}

/** `:2,` with letters, and the keywords no letter is left for. `keywords` grows with what is new. */
export function lettersOf(
  { system, keywords }: Flags,
  known: string[],
): { readonly letters: string; readonly without: readonly string[] } {
  const letters: string[] = LETTERS.filter(([, bit]) => (system & bit) !== 0).map(([letter]) => letter);
  const without: string[] = [];
  for (const keyword of keywords) {
    if (keyword === FORWARDED) letters.push("P");
    else {
      if (!known.includes(keyword) && known.length < KEYWORD_LETTERS) known.push(keyword);
      const index = known.indexOf(keyword);
      if (index < 0) without.push(keyword);
      else letters.push(String.fromCharCode(97 + index));
    }
  }
  return { letters: letters.sort().join(""), without };
}

/** `dovecot-keywords`: a number and a word a line. */
export function parseKeywords(text: string): readonly string[] {
  const keywords: string[] = [];
  for (const line of text.split("\n").slice(0, KEYWORD_LETTERS * 4)) {
    const parts = /^([0-9]{1,2}) (\S{1,100})$/.exec(line);
    if (parts && Number(parts[1]) < KEYWORD_LETTERS) keywords[Number(parts[1])] = parts[2] ?? "";
  }
  return keywords;
}

export const formatKeywords = (keywords: readonly string[]): string =>
  keywords.map((keyword, i) => `${i} ${keyword}\n`).join("");
