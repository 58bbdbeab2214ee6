import type { UnprovenReason } from "../authentication/reports/origin.ts";
import { phrase, type Phrase } from "../doctor/words/phrase.ts";

/** What `wachpost reports` says, in the language of the terminal or of --lang. Heads of tables: cells between semicolons. */
export const REPORTS_WORDS = {
  counted: phrase(
    "{dmarc} DMARC and {tls} TLS reports, {unreadable} unreadable.",
    "{dmarc} DMARC- und {tls} TLS-Berichte, {unreadable} unlesbar.",
  ),
  head: phrase(
    "SOURCE;ENVELOPE;MESSAGES;PASS;SPF;DKIM;JUNK;REFUSED",
    "QUELLE;UMSCHLAG;NACHRICHTEN;BESTANDEN;SPF;DKIM;SPAM;ABGELEHNT",
  ),
  domain: phrase(
    "{domain}: {passed} of {messages} messages passed DMARC, by reports of {reporters}.",
    "{domain}: {passed} von {messages} Nachrichten bestanden DMARC, nach Berichten von {reporters}.",
  ),
  byhand: phrase("{reporter} by a file", "{reporter} laut Datei"),
  tls: phrase(
    "TLS to {domain} ({type}), seen by {reporter}: {well} well, {failed} failed",
    "TLS zu {domain} ({type}), gesehen von {reporter}: {well} gut, {failed} gescheitert",
  ),
  complaints: phrase("{count} complaints:", "{count} Beschwerden:"),
  complaintshead: phrase("KIND;SOURCE;DOMAIN;SENDER;MESSAGE-ID", "ART;QUELLE;DOMAIN;ABSENDER;MESSAGE-ID"),
  nothingfailed: phrase(
    "{domain}: nothing failed; a stricter policy (p=quarantine, then p=reject) would hit nobody seen here.",
    "{domain}: Nichts fiel durch; eine strengere Regel (p=quarantine, dann p=reject) träfe niemanden, der hier zu sehen ist.",
  ),
  somefailed: phrase(
    "{domain}: sources that fail: {sources}, for {failed} of {messages} messages. Which of them are yours?",
    "{domain}: Quellen, die durchfallen: {sources}, bei {failed} von {messages} Nachrichten. Welche davon gehören Ihnen?",
  ),
  // What nobody vouches for
  unproven: phrase(
    "Not proven and not counted: {count} mails.",
    "Nicht erwiesen und nicht gezählt: {count} Mails.",
  ),
  unprovenhead: phrase("CLAIMED;MAILS;WHY", "ANGEBLICH;MAILS;WARUM"),
  leftout: phrase(
    "Left out, for they are more than one reporter may have: {count} mails.",
    "Ausgelassen, weil es mehr sind, als einem Berichtenden zustehen: {count} Mails.",
  ),
  leftouthead: phrase("REPORTER;MAILS", "BERICHTENDER;MAILS"),
  // advise
  noreports: phrase(
    "No DMARC report was found. They come a day or two after rua=mailto:… stands in your record; `wachpost dns DOMAIN` shows it.",
    "Kein DMARC-Bericht wurde gefunden. Sie kommen ein, zwei Tage, nachdem rua=mailto:… in Ihrem Eintrag steht; `wachpost dns DOMAIN` zeigt ihn.",
  ),
  tested: phrase("its policy is only tested (t=y)", "ihre Regel ist nur auf Probe (t=y)"),
  stands: phrase(
    "{domain}: {policy}; {passed} of {messages} messages on {days} days passed.",
    "{domain}: {policy}; {passed} von {messages} Nachrichten an {days} Tagen bestanden.",
  ),
  reportedby: phrase("Reported by {reporters}.", "Berichtet von {reporters}."),
  ours: phrase(
    "Sources that prove most of their mail, and fail with some:",
    "Quellen, die das meiste ihrer Mail beweisen und mit manchem durchfallen:",
  ),
  unknown: phrase(
    "Sources that prove little or nothing (forgers, forwarders, or a service not set up yet):",
    "Quellen, die wenig oder nichts beweisen (Fälscher, Weiterleiter oder ein noch nicht eingerichteter Dienst):",
  ),
  sourceshead: phrase("SOURCE;ENVELOPE;MESSAGES;FAILED", "QUELLE;UMSCHLAG;NACHRICHTEN;DURCHGEFALLEN"),
  strictest: phrase(
    "This is the strictest policy; nothing is left to do but to look at new sources.",
    "Das ist die strengste Regel; es bleibt nur, auf neue Quellen zu achten.",
  ),
  toofew: phrase(
    "Wait: {days} days and {messages} messages show who writes in your name; there are fewer.",
    "Warten Sie: {days} Tage und {messages} Nachrichten zeigen, wer in Ihrem Namen schreibt; es sind weniger.",
  ),
  oursfail: phrase(
    "Wait: p={next} would lose mail of the sources above. Give them DKIM of this domain, then look again.",
    "Warten Sie: Mit p={next} ginge Mail der Quellen oben verloren. Geben Sie ihnen DKIM dieser Domain, und sehen Sie dann wieder nach.",
  ),
  publish: phrase(
    "Nothing failed, take the next step and publish:",
    "Nichts fiel durch: Gehen Sie den nächsten Schritt und veröffentlichen Sie:",
  ),
  publishif: phrase(
    "If none of these sources is yours, take the next step and publish:",
    "Wenn keine dieser Quellen Ihnen gehört, gehen Sie den nächsten Schritt und veröffentlichen Sie:",
  ),
  record: phrase(
    "the record of _dmarc as it stands, with p={next} and without t=y",
    "den Eintrag von _dmarc, wie er steht, mit p={next} und ohne t=y",
  ),
  // sent, send
  nothingsent: phrase("No report was sent in this time.", "Kein Bericht wurde in dieser Zeit gesendet."),
  senthead: phrase("DAY;KIND;DOMAIN;TOLD;OUTCOME;TO;ID", "TAG;ART;DOMAIN;ENTHÄLT;AUSGANG;AN;ID"),
  nothingdue: phrase("Nothing is to be reported about {day}.", "Über den {day} ist nichts zu berichten."),
  sendhead: phrase("DOMAIN;REPORT;TOLD;TO", "DOMAIN;BERICHT;ENTHÄLT;AN"),
  wouldbesent: phrase(
    "{ready} of {all} would be sent; nothing was.",
    "{ready} von {all} würden gesendet; nichts wurde es.",
  ),
  weresent: phrase(
    "{ready} of {all} were sent: mail is in the queue, and a running server delivers it within seconds.",
    "{ready} von {all} wurden gesendet: Mail steht in der Warteschlange, und ein laufender Server stellt sie in Sekunden zu.",
  ),
  octets: phrase("{to} ({octets} octets)", "{to} ({octets} Oktette)"),
  nobody: phrase("nobody: {outcome}", "niemand: {outcome}"),
  later: phrase("later: {why}", "später: {why}"),
} as const satisfies Readonly<Record<string, Phrase>>;

export const UNPROVEN_WORDS: Readonly<Record<UnprovenReason, Phrase>> = {
  "no-results": phrase(
    "this server did not judge it: it came from a trusted network, by import or from a client",
    "dieser Server hat sie nicht beurteilt: sie kam aus einem vertrauten Netz, durch Übernahme oder von einem Mailprogramm",
  ),
  dmarc: phrase(
    "it did not pass DMARC, and no SPF or DKIM proves the domain in From",
    "sie bestand DMARC nicht, und weder SPF noch DKIM beweisen die Domain in From",
  ),
  "other-name": phrase(
    "the report names another reporter than the domain that sent it",
    "der Bericht nennt einen anderen Berichtenden als die Domain, die ihn sandte",
  ),
};
