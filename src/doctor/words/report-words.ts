import { phrase } from "./phrase.ts";

/** What stands around the findings. */
export const REPORT_WORDS = {
  summary: phrase(
    "Score {percent} of 100: {ok} ok, {warn} warnings, {fail} failures, {unknown} unknown.",
    "{percent} von 100 Punkten: {ok} in Ordnung, {warn} Warnungen, {fail} Fehler, {unknown} unbekannt.",
  ),
  notLooked: phrase("not looked at, {subject}: {titles}", "nicht angesehen, {subject}: {titles}"),
  waiting: phrase(
    "{count} more wait for one thing: {title} ({subject}); --all and --json name them",
    "{count} weitere warten auf eines: {title} ({subject}); --all und --json nennen sie",
  ),
  stopped: phrase(
    "The server does not run: {count} checks wait for it; --all and --json name them",
    "Der Server läuft nicht: {count} Prüfungen warten auf ihn; --all und --json nennen sie",
  ),
  waitingone: phrase(
    "one more waits for this: {title} ({subject}); --all and --json name it",
    "eines wartet noch darauf: {title} ({subject}); --all und --json nennen es",
  ),
  rest: phrase("{ok} of {all} ok: {titles}", "{ok} von {all} in Ordnung: {titles}"),
  restnone: phrase("{ok} of {all} ok", "{ok} von {all} in Ordnung"),
  further: phrase("and {count} more", "und {count} weitere"),
  all: phrase(
    "--all shows every line, --html FILE makes a page to send on.",
    "--all zeigt jede Zeile, --html DATEI macht eine Seite zum Weitergeben.",
  ),
  letter: phrase("TLS {letter} (testssl.sh)", "TLS {letter} (testssl.sh)"),
  letterwhy: phrase("TLS {letter} (testssl.sh): {why}", "TLS {letter} (testssl.sh): {why}"),
  internetnl: phrase(
    "Internet.nl {percent} % (without what is not examined here: {left})",
    "Internet.nl {percent} % (ohne das, was hier nicht untersucht wird: {left})",
  ),
  trial: phrase(
    "This is the trial server: a name under .test is in no DNS, so no domain was looked at. What cannot hold here, and does not count: {titles}.",
    "Dies ist der Versuchsserver: Ein Name unter .test steht in keinem DNS, also wurde keine Domain angesehen. Was hier nicht stimmen kann und nicht zählt: {titles}.",
  ),
  trialnext: phrase(
    "For a server of your own: wachpost setup example.org",
    "Für einen eigenen Server: wachpost setup example.org",
  ),
} as const;

export const HTML_WORDS = {
  title: phrase("Mail examination: {subject}", "Mail-Untersuchung: {subject}"),
  score: phrase("score of 100", "von 100 Punkten"),
  letter: phrase("TLS, as testssl.sh", "TLS wie testssl.sh"),
  internetNl: phrase("as Internet.nl", "wie Internet.nl"),
  failures: phrase("failures", "Fehler"),
  warnings: phrase("warnings", "Warnungen"),
  unknown: phrase("unknown", "unbekannt"),
  problems: phrase("What to do", "Was zu tun ist"),
  should: phrase("Should be: {title}", "Soll: {title}"),
  notLooked: phrase("Not looked at before that is settled", "Nicht angesehen, bevor das geklärt ist"),
  waiting: phrase(
    "{count} more wait for one thing: {title} ({subject})",
    "{count} weitere warten auf eines: {title} ({subject})",
  ),
  stopped: phrase(
    "The server does not run: {count} checks wait for it",
    "Der Server läuft nicht: {count} Prüfungen warten auf ihn",
  ),
  waitingone: phrase(
    "one more waits for this: {title} ({subject})",
    "eines wartet noch darauf: {title} ({subject})",
  ),
  ok: phrase("in order", "in Ordnung"),
  warn: phrase("should be better", "sollte besser sein"),
  fail: phrase("wrong", "falsch"),
  check: phrase("Looked whether", "Angesehen, ob"),
  place: phrase("Where", "Wo"),
  evidence: phrase("What was seen", "Was zu sehen war"),
  none: phrase("Nothing: all that was looked at is in order.", "Nichts: Alles Angesehene ist in Ordnung."),
  everything: phrase("Everything that was looked at", "Alles, was angesehen wurde"),
  footOwn: phrase(
    "Made by wachpost doctor on the server itself. No mail was sent to others.",
    "Erstellt von wachpost doctor auf dem Server selbst. An andere wurde keine Mail gesendet.",
  ),
  foot: phrase(
    "Made by wachpost doctor. Only what anyone on the Internet can see was looked at, and no mail was sent to others.",
    "Erstellt von wachpost doctor. Angesehen wurde nur, was jeder im Internet sehen kann; an andere wurde keine Mail gesendet.",
  ),
} as const;

/** Of `wachpost attack`. */
export const ATTACK_WORDS = {
  spent: phrase(
    "{cases} attacks at {doors} doors: {held} held off, {broken} succeeded, {unknown} unknown.",
    "{cases} Angriffe an {doors} Türen: {held} abgewehrt, {broken} gelungen, {unknown} unbekannt.",
  ),
  cost: phrase(
    "It cost {connections} of {connectionsmax} connections, {megabytes} of {megabytesmax} MB and {seconds} of {secondsmax} s; others waited {wait} ms for the server at most.",
    "Gekostet hat es {connections} von {connectionsmax} Verbindungen, {megabytes} von {megabytesmax} MB und {seconds} von {secondsmax} s; andere warteten höchstens {wait} ms auf den Server.",
  ),
  foot: phrase(
    "Made by wachpost attack: a server attacked itself. Nothing was sent to others, and nothing was left behind.",
    "Erstellt von wachpost attack: Ein Server griff sich selbst an. An andere wurde nichts gesendet, und nichts blieb zurück.",
  ),
} as const;

/** Of `doctor --diff`. */
export const DIFF_WORDS = {
  none: phrase("Nothing changed since {date}.", "Nichts hat sich seit {date} geändert."),
  since: phrase("Since {date}:", "Seit {date}:"),
  first: phrase(
    "There is no earlier examination to compare with.",
    "Es gibt keine frühere Untersuchung zum Vergleichen.",
  ),
  absent: phrase("not looked at", "nicht angesehen"),
  ok: phrase("in order", "in Ordnung"),
  warn: phrase("should be better", "sollte besser sein"),
  fail: phrase("wrong", "falsch"),
  unknown: phrase("unknown", "unbekannt"),
} as const;

/** Of `doctor --history` and `doctor --last`. */
export const HISTORY_WORDS = {
  columns: phrase(
    "TIME(UTC) KIND SCORE OK WARN FAIL UNKNOWN",
    "ZEIT(UTC) ART PUNKTE OK WARNUNG FEHLER UNBEKANNT",
  ),
  asked: phrase("asked for", "auf Wunsch"),
  full: phrase("full", "ganz"),
  light: phrase("light", "kurz"),
  none: phrase("No examination is kept.", "Keine Untersuchung ist aufbewahrt."),
  lastfull: phrase("Examined by the server itself on {date}.", "Vom Server selbst untersucht am {date}."),
  lastlight: phrase("Last short look: {date}.", "Letzter kurzer Blick: {date}."),
} as const;
