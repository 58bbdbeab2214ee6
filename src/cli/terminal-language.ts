import type { Language } from "../journal/words/language.ts";

/** POSIX: LC_ALL, then LC_MESSAGES, then LANG. */
export function terminalLanguage(): Language {
  const { LC_ALL, LC_MESSAGES, LANG } = process.env;
  const name = [LC_ALL, LC_MESSAGES, LANG].find((value) => value !== undefined && value !== "");
  return name?.startsWith("de") === true ? "de" : "en";
}
