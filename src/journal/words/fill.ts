import { printable } from "../../base/ascii.ts";
import { JOURNAL_LIMITS } from "../limits.ts";
import type { Language, Words } from "./language.ts";

/** Text that we composed; everything else comes from outside. */
export type Ours = { readonly ours: string };
export type Values = Readonly<Record<string, string | number | boolean | undefined | Ours>>;

const NOT_KNOWN: Words = { en: "(not recorded)", de: "(nicht vermerkt)" };
const QUOTES: Readonly<Record<Language, readonly [string, string]>> = { en: ["“", "”"], de: ["„", "“"] };

/** Puts values into a sentence. What came from outside is made printable, short, and quoted unless it is one plain word. */
export function fill(words: Words, language: Language, values: Values): string {
  const put = (text: string): string =>
    text.replace(/\{([A-Za-z_]+)\}/g, (_, name: string) => {
      const value = values[name];
      if (value === undefined || value === "") return NOT_KNOWN[language];
      return typeof value === "object" ? value.ours : shown(String(value), language);
    });
  // The words are ours; their brackets do not nest. Parts are put together after the split: values may hold brackets.
  return words[language]
    .split(/(\[\[[^\]]*\]\])/)
    .map((part) => {
      if (!part.startsWith("[[")) return put(part);
      const inner = part.slice(2, -2);
      const names = [...inner.matchAll(/\{([A-Za-z_]+)\}/g)].map((match) => match[1] ?? "");
      return names.every((name) => values[name] !== undefined && values[name] !== "") ? put(inner) : "";
    })
    .join("");
}

/**
 * Text from outside, harmless on any terminal and unable to pass for a sentence of ours: controls, marks that turn or
 * hide text become escapes; anything but one plain word stands in quotation marks that it cannot close (D-40).
 */
export function shown(text: string, language: Language): string {
  const start = text.slice(0, JOURNAL_LIMITS.shownMax * 2).toWellFormed();
  const safe = printable(start, JOURNAL_LIMITS.shownMax).replace(
    /\p{Cf}|\p{Cs}|\p{Co}|\p{Default_Ignorable_Code_Point}/gu,
    (char) => `\\u${(char.codePointAt(0) ?? 0).toString(16).padStart(4, "0")}`,
  );
  if (/^[A-Za-z0-9._:@/+=<>-]+$/.test(safe)) return safe;
  const [open, close] = QUOTES[language];
  return `${open}${safe.replace(/["“”„‟«»]/g, "'")}${close}`;
}
