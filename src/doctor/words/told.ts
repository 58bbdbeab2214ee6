import type { Language } from "../../journal/words/language.ts";
import type { NoteId } from "./notes.ts";
import { noteOf } from "./notes.ts";
import { say } from "./phrase.ts";
import { reasonInWords } from "./reasons.ts";

/** Why it is not as it should be and what to do, in words throughout. */
export function told(
  { note, values }: { readonly note: NoteId; readonly values: Readonly<Record<string, string>> },
  language: Language,
): { readonly why: string; readonly remedy: string } {
  const { reason } = values;
  const inWords = reason === undefined ? values : { ...values, reason: reasonInWords(reason, language) };
  const { why, remedy } = noteOf(note);
  return { why: say(why, language, inWords), remedy: say(remedy, language, inWords) };
}
