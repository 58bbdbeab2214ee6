import type { Language } from "../../journal/words/language.ts";
import type { NoteId } from "./notes.ts";
import { noteOf } from "./notes.ts";
import { say } from "./phrase.ts";
import { evidenceInWords, reasonInWords } from "./reasons.ts";
import { SEEN, type Seen } from "./seen.ts";

/** Why it is not as it should be and what to do, in words throughout. */
export function told(
  { note, values }: { readonly note: NoteId; readonly values: Readonly<Record<string, string>> },
  language: Language,
): { readonly why: string; readonly remedy: string } {
  const { reason, what } = values;
  const inWords = {
    ...values,
    ...(reason === undefined ? {} : { reason: reasonInWords(reason, language) }),
    ...(what === undefined ? {} : { what: reasonInWords(what, language) }),
  };
  const { why, remedy } = noteOf(note);
  return { why: say(why, language, inWords), remedy: say(remedy, language, inWords) };
}

/** What was seen: the text of a protocol as it is, a sentence of ours in this language. */
export function evidenceText(evidence: string | Seen, language: Language): string {
  if (typeof evidence === "string") return evidence;
  const { seen, values } = evidence;
  const { reason } = values;
  const inWords = reason === undefined ? values : { ...values, reason: evidenceInWords(reason, language) };
  return say(SEEN[seen], language, inWords);
}
