import { note, phrase, type Note, type Phrase } from "../doctor/words/phrase.ts";

/** What is looked at before settings are used. */
export const TITLES = {
  file: phrase("The file and what it names", "Die Datei und was sie nennt"),
  data: phrase("The data stay where they are", "Die Daten bleiben, wo sie sind"),
  weaker: phrase("No setting has become weaker", "Keine Einstellung ist schwächer geworden"),
  ports: phrase("Its ports can be opened", "Ihre Ports lassen sich öffnen"),
  resolver: phrase("Its resolvers answer", "Ihre Resolver antworten"),
  start: phrase("A server starts with it", "Ein Server startet damit"),
  inbound: phrase("Mail from outside comes in over TLS", "Mail von außen kommt über TLS herein"),
  postmaster: phrase("Postmaster can be reached by strangers", "Fremde erreichen den Postmaster"),
  stranger: phrase("Unknown recipients are refused", "Unbekannte Empfänger werden abgelehnt"),
  relay: phrase("Nobody can relay", "Niemand kann weiterleiten lassen"),
  submission: phrase("Users can send, and only with a login", "Benutzer können senden, und nur angemeldet"),
  reading: phrase("What was sent can be read", "Gesendetes lässt sich lesen"),
  attack: phrase("It withstands an attack", "Er hält einem Angriff stand"),
  replay: phrase("What the rules would have done", "Was die Regeln getan hätten"),
} as const satisfies Readonly<Record<string, Phrase>>;
export type TitleId = keyof typeof TITLES;

/** What can be wrong, and what to do. */
export const NOTES = {
  "file-wrong": note("{detail}", "{detail}", "Correct it there.", "Berichtigen Sie es dort."),
  "weaker-settings": note(
    "Weaker than before: {settings}.",
    "Schwächer als vorher: {settings}.",
    "Take it back; if it has to be, apply it with --allow-weaker.",
    "Nehmen Sie es zurück; muss es sein, hilft --allow-weaker.",
  ),
  "data-moved": note(
    "The mail is in {before}; a server that looks for it in {now} has none.",
    "Die Mail liegt in {before}; ein Server, der sie in {now} sucht, hat keine.",
    "Stop the server, move the directory, and change the line by hand.",
    "Halten Sie den Server an, verschieben Sie das Verzeichnis, und ändern Sie die Zeile von Hand.",
  ),
  "port-twice": note(
    "{place} is named twice.",
    "{place} ist zweimal genannt.",
    "Give one of the listeners another port.",
    "Geben Sie einem davon einen anderen Port.",
  ),
  "port-in-use": note(
    "{place} is in use by {holder}.",
    "{place} gehört schon {holder}.",
    "Stop that process, or give this listener another port.",
    "Beenden Sie diesen Prozess, oder nehmen Sie einen anderen Port.",
  ),
  "port-holder-unknown": note(
    "{place} is in use; by the running server or another process, only root can tell.",
    "{place} ist belegt; ob vom laufenden Server oder von einem anderen Prozess, sieht nur root.",
    "Run the command as root (sudo).",
    "Rufen Sie den Befehl als root auf (sudo).",
  ),
  "port-not-allowed": note(
    "Whether {place} can be opened, this user cannot try.",
    "Ob sich {place} öffnen lässt, kann dieser Benutzer nicht versuchen.",
    "Run the command as root (sudo).",
    "Rufen Sie den Befehl als root auf (sudo).",
  ),
  "port-impossible": note(
    "{place} cannot be opened: {code}.",
    "{place} lässt sich nicht öffnen: {code}.",
    "Name an address of this machine (ip address shows them).",
    "Nennen Sie eine Adresse dieser Maschine (ip address zeigt sie).",
  ),
  "resolver-silent": note(
    "{servers} does not answer: {why}.",
    "{servers} antwortet nicht: {why}.",
    "Name a resolver that does, e.g. one on this machine (apt-get install unbound).",
    "Nennen Sie einen, der antwortet, etwa einen auf dieser Maschine (apt-get install unbound).",
  ),
  "no-start": note(
    "No server starts with it: {why}.",
    "Damit startet kein Server: {why}.",
    "Correct what is named; the running server is as it was.",
    "Berichtigen Sie das Genannte; der laufende Server ist, wie er war.",
  ),
  "door-silent": note(
    "The door {door} did not answer as it should.",
    "Die Tür {door} antwortete nicht, wie sie soll.",
    "Look at what has changed for it.",
    "Sehen Sie nach, was sich für sie geändert hat.",
  ),
  "put-off": note(
    "A stranger who does all right is put off; he will come again, if that is meant.",
    "Ein Fremder, der alles richtig macht, wird vertröstet; er kommt wieder, wenn das so gemeint ist.",
    "`wachpost policy test` shows which rule it is.",
    "`wachpost policy test` zeigt, welche Regel es ist.",
  ),
  "stranger-refused": note(
    "A stranger whose names, SPF and reputation are in order is refused: nobody could write to you.",
    "Ein Fremder mit richtigen Namen, SPF und gutem Ruf wird abgelehnt: Niemand könnte Ihnen schreiben.",
    "`wachpost policy test --rules FILE` shows which rule it is.",
    "`wachpost policy test --rules DATEI` zeigt, welche Regel es ist.",
  ),
  "postmaster-refused": note(
    "Postmaster refuses strangers; he must be reachable for whoever has trouble with your mail (RFC 5321 §4.5.1).",
    "Der Postmaster weist Fremde ab; er muss erreichbar sein, wenn jemand Ärger mit Ihrer Mail hat (RFC 5321 §4.5.1).",
    "Take the rule away that refuses it: `wachpost policy test --rules FILE` shows which.",
    "Nehmen Sie die Regel weg: `wachpost policy test --rules DATEI` zeigt, welche es ist.",
  ),
  "unknown-taken": note(
    "A recipient who does not exist was not refused.",
    "Ein Empfänger, den es nicht gibt, wurde nicht abgelehnt.",
    "Look at the rules for recipients.",
    "Sehen Sie die Regeln für Empfänger an.",
  ),
  "relay-open": note(
    "A stranger's mail to others was not refused.",
    "Mail eines Fremden an Fremde wurde nicht abgelehnt.",
    "This is a fault of the server; please report it.",
    "Das ist ein Fehler des Servers; bitte melden Sie ihn.",
  ),
  "login-not-needed": note(
    "Mail was taken for sending without a login.",
    "Mail wurde ohne Anmeldung zum Senden angenommen.",
    "This is a fault of the server; please report it.",
    "Das ist ein Fehler des Servers; bitte melden Sie ihn.",
  ),
  "login-refused": note(
    "A good login is refused.",
    "Eine gute Anmeldung wird abgelehnt.",
    "Look at what has changed in [passwords], [sasl] and [limits].",
    "Sehen Sie nach, was sich in [passwords], [sasl] und [limits] geändert hat.",
  ),
  "submission-refused": note(
    "A user who is logged in cannot send to himself.",
    "Ein angemeldeter Benutzer kann nicht an sich selbst senden.",
    "Look at the rules and limits that have changed.",
    "Sehen Sie die Regeln und Grenzen an, die sich geändert haben.",
  ),
  "not-arrived": note(
    "Taken, and not in the mailbox: {missing}.",
    "Angenommen und nicht im Postfach: {missing}.",
    "Look at what has changed in the rules, [queue] and [limits].",
    "Sehen Sie nach, was sich in den Regeln, [queue] und [limits] geändert hat.",
  ),
  "attack-broken": note(
    "{title} ({place}).",
    "{title} ({place}).",
    "`wachpost attack` says more about each attack.",
    "`wachpost attack` sagt mehr zu jedem Angriff.",
  ),
  "replay-changes": note(
    "{changes}.",
    "{changes}.",
    "`wachpost policy replay --with FILE` shows each.",
    "`wachpost policy replay --with DATEI` zeigt jede einzelne.",
  ),
} as const satisfies Readonly<Record<string, Note>>;
export type NoteId = keyof typeof NOTES;

/** What is done, one after the other. */
export const STEPS = {
  trying: phrase("Trying it, beside the running server …", "Wird neben dem laufenden Server ausprobiert …"),
  "examining-before": phrase("The running server is examined …", "Der laufende Server wird untersucht …"),
  replaced: phrase(
    "{file} is replaced; the earlier one is kept as {kept}.",
    "{file} ist ersetzt; die vorige ist als {kept} aufgehoben.",
  ),
  restarting: phrase("{command}", "{command}"),
  "restart-it": phrase(
    "Start the server anew now (process {pid}), however you do that; it is waited for {seconds} s. With --restart-command it is done for you.",
    "Starten Sie den Server jetzt neu (Prozess {pid}), wie Sie das sonst tun; {seconds} s wird gewartet. Mit --restart-command geschieht es von selbst.",
  ),
  "examining-after": phrase(
    "It runs with them. It is examined again …",
    "Er läuft damit. Er wird wieder untersucht …",
  ),
  "putting-back": phrase("Putting the earlier file back …", "Die vorige Datei kommt zurück …"),
  "going-on": phrase(
    "An earlier promotion was interrupted with the new {file} in place; it is finished, or undone, first.",
    "Eine frühere Übernahme wurde unterbrochen, die neue {file} liegt schon da; sie wird erst beendet oder zurückgenommen.",
  ),
} as const satisfies Readonly<Record<string, Phrase>>;
export type StepId = keyof typeof STEPS;

/** Why something ended as it did. */
export const REASONS = {
  before: phrase(
    "It was interrupted before the file was replaced.",
    "Unterbrochen, bevor die Datei ersetzt war.",
  ),
  other: phrase(
    "{file} was changed by somebody meanwhile; it stays as it is.",
    "{file} hat inzwischen jemand geändert; sie bleibt, wie sie ist.",
  ),
  unreadable: phrase("the file cannot be read any more", "die Datei lässt sich nicht mehr lesen"),
  unexamined: phrase(
    "the server could be examined before, and cannot now",
    "der Server ließ sich vorher untersuchen, und jetzt nicht",
  ),
  lost: phrase(
    "{why}; the earlier file could not be put back: it is not among those that are kept",
    "{why}; die vorige Datei kam nicht zurück: Sie ist nicht unter den aufgehobenen",
  ),
  down: phrase(
    "{why}; and with the earlier file the server is not ready either: {detail}",
    "{why}; und auch mit der vorigen Datei ist der Server nicht bereit: {detail}",
  ),
} as const satisfies Readonly<Record<string, Phrase>>;

/** What stands around it. */
export const CONFIG_WORDS = {
  judged: phrase(
    "{judged} recorded sessions judged again, {same} as before, {unknown} cannot be told",
    "{judged} aufgezeichnete Sitzungen neu beurteilt, {same} wie zuvor, {unknown} nicht zu sagen",
  ),
  changed: phrase("Changed:", "Geändert:"),
  passed: phrase(
    "{file} works. To use it: wachpost config apply {file}",
    "{file} funktioniert. Verwenden: wachpost config apply {file}",
  ),
  "passed-in-use": phrase("{file} works.", "{file} funktioniert."),
  failed: phrase("{file} must not be used as it is.", "{file} darf so nicht verwendet werden."),
  refused: phrase(
    "Not applied; {file} and the server are as they were.",
    "Nicht übernommen; {file} und der Server sind, wie sie waren.",
  ),
  nothing: phrase("There is nothing to settle.", "Es ist nichts offen."),
  "none-kept": phrase("No earlier configuration is kept.", "Es ist keine frühere Konfiguration aufgehoben."),
  "history-head": phrase("NUMBER;REPLACED;FILE", "NUMMER;ERSETZT;DATEI"),
  "nothing-changed": phrase("No setting has changed.", "Keine Einstellung hat sich geändert."),
  promoted: phrase(
    "Applied: the settings are in use. The way back: wachpost config back {kept}",
    "Übernommen: Die Einstellungen gelten. Der Weg zurück: wachpost config back {kept}",
  ),
  "promoted-waits": phrase(
    "Put in place; no server runs, its next start uses the settings. The way back: wachpost config back {kept}",
    "Übernommen; es läuft kein Server, beim nächsten Start gelten die Einstellungen. Der Weg zurück: wachpost config back {kept}",
  ),
  "rolled-back": phrase(
    "Rolled back, the earlier settings are in use: {reason}",
    "Zurückgenommen, die vorigen Einstellungen gelten: {reason}",
  ),
  abandoned: phrase("Given up: {reason}", "Aufgegeben: {reason}"),
  "trial-passed": phrase(
    "{file} holds settings that passed their trial.",
    "{file} enthält Einstellungen, die ihre Probe bestanden haben.",
  ),
  "trial-first": phrase(
    "{file} holds the first settings this server ran with; they were not tried beforehand.",
    "{file} enthält die ersten Einstellungen, mit denen dieser Server lief; vorher probiert wurden sie nicht.",
  ),
  "trial-unknown": phrase(
    "{file} was not used yet and not tried: wachpost config try",
    "{file} wurde noch nicht verwendet und nicht probiert: wachpost config try",
  ),
  "trial-never": phrase(
    "{file} holds settings that were never tried: wachpost config try",
    "{file} enthält Einstellungen, die nie probiert wurden: wachpost config try",
  ),
  "runs-none": phrase("No server runs.", "Es läuft kein Server."),
  "runs-these": phrase(
    "The server (process {pid}) runs with them.",
    "Der Server (Prozess {pid}) läuft damit.",
  ),
  "runs-others": phrase(
    "The server (process {pid}) runs with others: it was not restarted since.",
    "Der Server (Prozess {pid}) läuft mit anderen: Er wurde seitdem nicht neu gestartet.",
  ),
  "runs-unknown": phrase(
    "The server (process {pid}) did not write down which ones it runs with.",
    "Der Server (Prozess {pid}) hat nicht notiert, mit welchen er läuft.",
  ),
  "promotion-under-way": phrase(
    "A configuration is being applied; {place}.",
    "Gerade wird eine Konfiguration übernommen; {place}.",
  ),
  "promotion-interrupted": phrase(
    "An apply was interrupted; {place}. Finish or undo it: wachpost config settle",
    "Eine Übernahme wurde unterbrochen; {place}. Beenden oder zurücknehmen: wachpost config settle",
  ),
  "place-old": phrase("the earlier file is in place", "die vorige Datei liegt da"),
  "place-new": phrase(
    "the new file is in place, the earlier one is kept",
    "die neue Datei liegt da, die vorige ist aufgehoben",
  ),
  "place-other": phrase("somebody has changed the file since", "jemand hat die Datei seitdem geändert"),
} as const satisfies Readonly<Record<string, Phrase>>;
