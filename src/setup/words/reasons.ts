import { phrase, type Phrase } from "../../doctor/words/phrase.ts";
import { reasonInWords } from "../../doctor/words/reasons.ts";
import type { Language } from "../../journal/words/language.ts";

/** Why the DNS gave no answer, as `dns/` names it. */
export const REASONS: Readonly<Record<string, Phrase>> = {
  timeout: phrase("no answer in time", "keine rechtzeitige Antwort"),
  reset: phrase("no resolver can be reached", "kein Resolver ist zu erreichen"),
  "no-server": phrase("no resolver is named", "kein Resolver ist genannt"),
  servfail: phrase("SERVFAIL: it could not find out", "SERVFAIL: er konnte es nicht herausfinden"),
  refused: phrase("REFUSED: it does not answer us", "REFUSED: er antwortet uns nicht"),
  nxdomain: phrase("NXDOMAIN: it knows no such name", "NXDOMAIN: er kennt keinen solchen Namen"),
  nodata: phrase("it knows no such record", "er kennt keinen solchen Eintrag"),
  "no-names": phrase(
    "other mail servers' names do not resolve",
    "die Namen anderer Mailserver lösen nicht auf",
  ),
  "no-date": phrase("it told no date", "er nannte kein Datum"),
};

/** In words where setup or the doctor has some; what a program of others said stays as it is. */
export const reasonText = (reason: string, language: Language): string =>
  (Object.hasOwn(REASONS, reason) ? REASONS[reason]?.[language] : undefined) ??
  reasonInWords(reason, language);
