import type { CheckId } from "../checks.ts";
import { note, type Note } from "./phrase.ts";

/** No setting of ours opens what these attacks try: one that succeeds is a defect. */
const defect = (en: string, de: string): Note =>
  note(
    en,
    de,
    "This is a defect of the server and no setting: do not put this version into service; stay with or go back to the one before, and report it.",
    "Das ist ein Fehler des Servers und keine Einstellung: Nehmen Sie diese Version nicht in Betrieb; bleiben Sie bei der vorigen oder kehren Sie zu ihr zurück, und melden Sie ihn.",
  );

export const ATTACK_NOTES = {
  "attack-silenced": defect(
    "After this attack the server greeted nobody any more.",
    "Nach diesem Angriff begrüßte der Server niemanden mehr.",
  ),
  "refused-message-end": defect(
    "Of a message that was refused, what follows was carried out as commands: others can smuggle mail through this server.",
    "Von einer abgelehnten Nachricht wurde das Folgende als Befehle ausgeführt: Andere können Mail durch diesen Server schmuggeln.",
  ),
  "bdat-smuggling": defect(
    "Octets of a BDAT chunk were carried out as commands: others can smuggle mail through this server.",
    "Oktette eines BDAT-Blocks wurden als Befehle ausgeführt: Andere können Mail durch diesen Server schmuggeln.",
  ),
  "stray-octets": defect(
    "A message with stray line ends or a NUL was taken: the next server may see another message in it.",
    "Eine Nachricht mit einzelnen Zeilenenden oder NUL wurde angenommen: Der nächste Server kann darin eine andere sehen.",
  ),
  "message-line-length": defect(
    "A line of 80,000 octets was taken; programs behind this server may break over it.",
    "Eine Zeile von 80 000 Oktetten wurde angenommen; Programme dahinter können daran scheitern.",
  ),
  "bdat-size": defect(
    "The server waits for a chunk that no disk holds.",
    "Der Server wartet auf einen Block, den keine Platte fasst.",
  ),
  "bdat-chunks": defect(
    "A message may come in any number of chunks of one octet; each costs the server memory and time.",
    "Eine Nachricht darf in beliebig vielen Blöcken von einem Oktett kommen; jeder kostet den Server Speicher und Zeit.",
  ),
  "bdat-reset": defect(
    "After a refused chunk the server went on with a message that is over.",
    "Nach einem abgelehnten Block machte der Server mit einer Nachricht weiter, die vorbei ist.",
  ),
  "refused-message-state": defect(
    "After a message was refused, RCPT or DATA was taken without a new MAIL: rules can be passed by.",
    "Nach einer abgelehnten Nachricht wurde RCPT oder DATA ohne neues MAIL angenommen: Regeln lassen sich umgehen.",
  ),
  "mail-loop": defect(
    "A message with 200 Received fields was taken: a loop would never end.",
    "Eine Nachricht mit 200 Received-Feldern wurde angenommen: Eine Schleife endete nie.",
  ),
  "command-octets": defect(
    "A command with a stray line end or control character was carried out.",
    "Ein Befehl mit einzelnem Zeilenende oder Steuerzeichen wurde ausgeführt.",
  ),
  "command-length": defect(
    "A command of thousands of octets was taken; memory is at the sender's mercy.",
    "Ein Befehl von Tausenden Oktetten wurde angenommen; der Speicher hängt vom Sender ab.",
  ),
  "parameter-injection": defect(
    "A parameter with a hidden line end or nonsense was taken; in headers and to other servers it becomes a line of its own.",
    "Ein Parameter mit verstecktem Zeilenende oder Unsinn wurde angenommen; im Kopf und bei anderen Servern wird daraus eine eigene Zeile.",
  ),
  "utf8-address": defect(
    "An address in UTF-8 was taken without SMTPUTF8, or a message went on after it was refused.",
    "Eine Adresse in UTF-8 wurde ohne SMTPUTF8 angenommen, oder eine Nachricht ging weiter, nachdem sie abgelehnt war.",
  ),
  "foreign-commands": defect(
    "A command was carried out that no stranger may give.",
    "Ein Befehl wurde ausgeführt, den kein Fremder geben darf.",
  ),
  "proxy-header": defect(
    "A stranger could tell the server by a PROXY line that he is somebody else; bans and limits do not reach him.",
    "Ein Fremder konnte dem Server mit einer PROXY-Zeile sagen, er sei ein anderer; Sperren und Grenzen treffen ihn nicht.",
  ),
  "lookup-injection": defect(
    "A recipient that is a query, path or program was accepted.",
    "Ein Empfänger wurde angenommen, der eine Abfrage, ein Pfad oder Programm ist.",
  ),
  "recipient-flood": defect(
    "One message may have any number of recipients.",
    "Eine Nachricht darf beliebig viele Empfänger haben.",
  ),
  "submission-enumeration": defect(
    "Before the login the server answers differently for addresses that exist.",
    "Vor der Anmeldung antwortet der Server anders, wenn es eine Adresse gibt.",
  ),
  "error-flood": defect(
    "A client may make any number of errors in one session: addresses can be guessed without end.",
    "Ein Client darf in einer Sitzung beliebig viele Fehler machen: Adressen lassen sich ohne Ende raten.",
  ),
  "web-speech": defect(
    "Behind an HTTP request a command was carried out: a web page can make its visitors speak to this server.",
    "Hinter einer HTTP-Anfrage wurde ein Befehl ausgeführt: Eine Webseite kann ihre Besucher mit diesem Server sprechen lassen.",
  ),
  "forged-envelope": defect(
    "A user can send from an address that is not his own.",
    "Ein Benutzer kann von einer Adresse senden, die nicht seine ist.",
  ),
  "forged-header": defect(
    "A user can write a From or Sender that is not his own: colleagues can be impersonated.",
    "Ein Benutzer kann ein fremdes From oder Sender schreiben: Kollegen lassen sich nachahmen.",
  ),
  "forged-results": defect(
    "An Authentication-Results field in this server's name came through: mail programs believe it.",
    "Ein Feld Authentication-Results im Namen dieses Servers kam durch: Mailprogramme glauben ihm.",
  ),
  "login-texts": defect(
    "The answer to a wrong login tells whether the name exists, or a wrong password was taken.",
    "Die Antwort auf eine falsche Anmeldung verrät, ob es den Namen gibt, oder ein falsches Passwort galt.",
  ),
  "login-timing": defect(
    "The time of the answer tells whether a login name exists.",
    "Die Dauer der Antwort verrät, ob es einen Anmeldenamen gibt.",
  ),
  "login-in-clear": defect(
    "A password said before TLS was looked at: it has crossed the network in clear.",
    "Ein vor TLS gesagtes Passwort wurde angesehen: Es ging unverschlüsselt über das Netz.",
  ),
  "sasl-mechanisms": defect(
    "A mechanism was offered that is weak or not meant for people.",
    "Ein Verfahren wurde angeboten, das schwach oder nicht für Menschen gedacht ist.",
  ),
  "sasl-length": defect(
    "A response of 200,000 octets was read and looked at.",
    "Eine Antwort von 200 000 Oktetten wurde gelesen und angesehen.",
  ),
  "sasl-base64": defect(
    "Base64 with white space, missing padding or stray bits was taken for a login: what was checked may not be what is meant.",
    "Base64 mit Leerraum, fehlender Auffüllung oder überzähligen Bits galt als Anmeldung: Geprüftes und Gemeintes können sich unterscheiden.",
  ),
  "sasl-garbage": defect(
    "Malformed base64 in one session broke a login in another.",
    "Fehlerhaftes Base64 in einer Sitzung brach eine Anmeldung in einer anderen ab.",
  ),
  "sasl-authorization": defect(
    "A user can log in as another one by naming him in the login.",
    "Ein Benutzer kann sich als ein anderer anmelden, indem er ihn nennt.",
  ),
  "login-injection": defect(
    "A login name that is a query or path was answered in another way than a wrong one.",
    "Ein Anmeldename, der eine Abfrage oder ein Pfad ist, wurde anders beantwortet als ein falscher.",
  ),
  "login-attempts": defect(
    "One session may guess any number of passwords.",
    "Eine Sitzung darf beliebig viele Passwörter raten.",
  ),
  "slow-login": defect(
    "A client that says an octet a second keeps its place for ever; a few hundred of them shut everybody out.",
    "Ein Client, der ein Oktett je Sekunde sagt, behält seinen Platz für immer; einige Hundert sperren alle aus.",
  ),
  "slow-handshake": defect("A TLS handshake may take for ever.", "Ein TLS-Handshake darf ewig dauern."),
  "imap-stranger-literal": defect(
    "A stranger can make the server read a literal of any size: its memory is his.",
    "Ein Fremder kann den Server ein Literal beliebiger Größe lesen lassen: Der Speicher gehört ihm.",
  ),
  "imap-stranger-line": defect(
    "A stranger can make the server keep a line of any length.",
    "Ein Fremder kann den Server eine beliebig lange Zeile behalten lassen.",
  ),
  "imap-parentheses": defect(
    "A command of thousands of brackets was carried out.",
    "Ein Befehl aus Tausenden Klammern wurde ausgeführt.",
  ),
  "imap-garbage": defect(
    "A session may go on with nonsense for ever.",
    "Eine Sitzung darf ewig Unsinn reden.",
  ),
  "imap-literal": defect(
    "A user can make the server read a literal of any size.",
    "Ein Benutzer kann den Server ein Literal beliebiger Größe lesen lassen.",
  ),
  "imap-search-depth": defect(
    "A search of thousands of levels was carried out; a deeper one ends the server.",
    "Eine Suche mit Tausenden Ebenen wurde ausgeführt; eine tiefere beendet den Server.",
  ),
  "imap-sets": defect(
    "A set of numbers without bounds was taken.",
    "Eine Zahlenmenge ohne Grenzen wurde angenommen.",
  ),
  "imap-list-patterns": defect(
    "A pattern with hundreds of wildcards was compared with every name.",
    "Ein Muster mit Hunderten Platzhaltern wurde mit jedem Namen verglichen.",
  ),
  "imap-fetch-depth": defect(
    "A FETCH of hundreds of levels or items was carried out.",
    "Ein FETCH mit Hunderten Ebenen oder Teilen wurde ausgeführt.",
  ),
  "imap-flag-flood": defect(
    "A command may set any number of keywords.",
    "Ein Befehl darf beliebig viele Schlüsselwörter setzen.",
  ),
  "imap-foreign-mailbox": defect(
    "A mailbox name led to something that is not the user's.",
    "Ein Postfachname führte zu etwas, das dem Benutzer nicht gehört.",
  ),
  "imap-name-injection": defect(
    "A mailbox name with a line end was taken: what stands behind it passes for an answer of the server.",
    "Ein Postfachname mit Zeilenende wurde angenommen: Was dahinter steht, gilt als Antwort des Servers.",
  ),
  "pop3-line": defect(
    "A line of 100,000 octets was taken.",
    "Eine Zeile von 100 000 Oktetten wurde angenommen.",
  ),
  "pop3-garbage": defect(
    "A session may go on with nonsense for ever.",
    "Eine Sitzung darf ewig Unsinn reden.",
  ),
  "pop3-numbers": defect(
    "A number that is none was taken for a message.",
    "Eine Zahl, die keine ist, galt als Nachricht.",
  ),
  "mime-depth": defect(
    "A message of 3,000 levels was analysed to its end.",
    "Eine Nachricht mit 3000 Ebenen wurde bis zum Ende zerlegt.",
  ),
  "mime-letters": defect(
    "Messages inside each other were analysed without a limit.",
    "Ineinander liegende Nachrichten wurden ohne Grenze zerlegt.",
  ),
  "mime-parts": defect(
    "Every one of 20,000 parts was kept and shown.",
    "Jeder von 20 000 Teilen wurde behalten und gezeigt.",
  ),
  "mime-parameters": defect(
    "A name in thousands of pieces was put together.",
    "Ein Name aus Tausenden Stücken wurde zusammengesetzt.",
  ),
  "header-fields": defect(
    "Every one of 40,000 address fields was read and shown.",
    "Jedes von 40 000 Adressfeldern wurde gelesen und gezeigt.",
  ),
  "header-size": defect(
    "A header of three megabytes was taken: everybody who reads the message has to read it.",
    "Ein Kopf von drei Megabytes wurde angenommen: Jeder, der die Nachricht liest, muss ihn lesen.",
  ),
  "header-prototype": defect(
    "A field name that means something to the language of the server did something in it.",
    "Ein Feldname, der der Sprache des Servers etwas bedeutet, bewirkte etwas darin.",
  ),
  "html-bomb": defect(
    "The server did not come to an end with a message of nested HTML.",
    "Der Server kam mit einer Nachricht aus verschachteltem HTML nicht zu Ende.",
  ),
  "report-bomb": defect(
    "A report that explodes when it is unpacked was unpacked.",
    "Ein Bericht, der beim Auspacken explodiert, wurde ausgepackt.",
  ),
  "web-traversal": defect(
    "A path led to something that is not meant for visitors.",
    "Ein Pfad führte zu etwas, das nicht für Besucher ist.",
  ),
  "web-entities": defect(
    "XML with entities of its own was read: files of this machine can be read with it, or its memory filled.",
    "XML mit eigenen Entitäten wurde gelesen: Damit lassen sich Dateien dieser Maschine lesen oder ihr Speicher füllen.",
  ),
  "web-reflection": defect(
    "Something a visitor wrote became part of the page, the XML or the header.",
    "Was ein Besucher schrieb, wurde Teil der Seite, des XML oder des Kopfes.",
  ),
  "web-upgrade": defect(
    "The server changed the protocol on request: sessions can be mixed up.",
    "Der Server wechselte auf Wunsch das Protokoll: Sitzungen lassen sich vermischen.",
  ),
  "web-headers": defect(
    "A header or address of any size is read.",
    "Ein Kopf oder eine Adresse beliebiger Größe wird gelesen.",
  ),
  "web-body": defect("A body of any size is read.", "Ein Inhalt beliebiger Größe wird gelesen."),
  "web-smuggling": defect(
    "A request with two lengths was answered: others can hide a second one in it.",
    "Eine Anfrage mit zwei Längen wurde beantwortet: Andere können eine zweite darin verstecken.",
  ),
  "web-host": defect(
    "The server speaks for a host that is not its own.",
    "Der Server spricht für einen Namen, der nicht seiner ist.",
  ),
  "web-framing": defect(
    "Headers are missing that keep other pages from framing and rewriting ours.",
    "Es fehlen Köpfe, die andere Seiten daran hindern, unsere einzurahmen und umzuschreiben.",
  ),
  "slow-request": defect("A request may take for ever.", "Eine Anfrage darf ewig dauern."),
} as const satisfies Readonly<Record<string, Note>>;

/** The words for an attack that succeeded: each has its own, under its own name. */
export const attackNote = (check: CheckId): keyof typeof ATTACK_NOTES =>
  Object.hasOwn(ATTACK_NOTES, check) ? (check as keyof typeof ATTACK_NOTES) : "attack-silenced";
