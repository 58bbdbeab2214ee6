import { reason as r, type ReasonWords } from "./language.ts";

const MEND_EN = "The software of the sender has to be mended; this server keeps to the standard here.";
const MEND_DE =
  "Die Software des Absenders muss berichtigt werden; dieser Server hält sich hier an den Standard.";
const LATER_EN = "Nothing needs to be done: the sending server tries again by itself.";
const LATER_DE = "Es ist nichts zu tun: Der sendende Server versucht es von selbst noch einmal.";
const OPERATOR_EN = "The operator of this server finds more in its log, under the id of the session.";
const OPERATOR_DE = "Der Betreiber dieses Servers findet mehr im Protokoll, unter der Kennung der Sitzung.";

/** Refusals of the SMTP dialogue itself: commands, their order, what a message may hold (`src/smtp`). */
export const DIALOGUE_REASONS = {
  "unknown-command": r(
    "The client used a command that does not exist.",
    "Der Client hat einen Befehl benutzt, den es nicht gibt.",
    MEND_EN,
    MEND_DE,
  ),
  "not-implemented": r(
    "The client used a command that this server does not offer.",
    "Der Client hat einen Befehl benutzt, den dieser Server nicht anbietet.",
    MEND_EN,
    MEND_DE,
  ),
  "line-too-long": r(
    "A command line was longer than SMTP allows.",
    "Eine Befehlszeile war länger, als SMTP erlaubt.",
    MEND_EN,
    MEND_DE,
  ),
  "bare-lf-command": r(
    "A command line did not end with CR LF.",
    "Eine Befehlszeile endete nicht mit CR LF.",
    MEND_EN,
    MEND_DE,
  ),
  "not-text": r(
    "A command held control characters or was not UTF-8.",
    "Ein Befehl enthielt Steuerzeichen oder war kein UTF-8.",
    MEND_EN,
    MEND_DE,
  ),
  "unexpected-argument": r(
    "A command had an argument where none belongs.",
    "Ein Befehl hatte ein Argument, wo keines hingehört.",
    MEND_EN,
    MEND_DE,
  ),
  "bad-argument": r(
    "The argument of a command was malformed.",
    "Das Argument eines Befehls war fehlerhaft.",
    MEND_EN,
    MEND_DE,
  ),
  "bad-parameter": r(
    "A parameter of MAIL or RCPT was malformed.",
    "Ein Parameter von MAIL oder RCPT war fehlerhaft.",
    MEND_EN,
    MEND_DE,
  ),
  "unknown-parameter": r(
    "The client used a parameter of MAIL or RCPT that this server did not offer.",
    "Der Client hat einen Parameter von MAIL oder RCPT benutzt, den dieser Server nicht angeboten hatte.",
    MEND_EN,
    MEND_DE,
  ),
  "out-of-sequence": r(
    "The commands came in the wrong order.",
    "Die Befehle kamen in der falschen Reihenfolge.",
    MEND_EN,
    MEND_DE,
  ),
  "unauthorised-pipelining": r(
    "The client sent data before it was its turn, as programs do that send spam.",
    "Der Client hat Daten gesendet, bevor er an der Reihe war; das tun Programme, die Spam versenden.",
    MEND_EN,
    MEND_DE,
  ),
  "foreign-protocol": r(
    "The client did not speak SMTP but the language of the web.",
    "Der Client sprach nicht SMTP, sondern die Sprache des Webs.",
    "No mail was lost: a web client, or an attack through one, had called the mail port.",
    "Es ging keine Post verloren: Ein Webprogramm, oder ein Angriff durch eines, hatte den Mailport aufgerufen.",
  ),
  "too-many-errors": r(
    "The session made too many errors and was closed.",
    "Die Sitzung hat zu viele Fehler gemacht und wurde beendet.",
    MEND_EN,
    MEND_DE,
  ),
  timeout: r(
    "The client was silent for too long.",
    "Der Client hat sich zu lange nicht gemeldet.",
    LATER_EN,
    LATER_DE,
  ),
  shutdown: r(
    "The server was being stopped or restarted.",
    "Der Server wurde gerade angehalten oder neu gestartet.",
    LATER_EN,
    LATER_DE,
  ),
  "internal-error": r(
    "This server made an error of its own.",
    "Diesem Server ist selbst ein Fehler unterlaufen.",
    OPERATOR_EN,
    OPERATOR_DE,
  ),
  "message-too-large": r(
    "The message is larger than this server takes.",
    "Die Nachricht ist größer, als dieser Server annimmt.",
    "Send a smaller message, or a link in place of the attachment.",
    "Senden Sie eine kleinere Nachricht oder einen Link statt des Anhangs.",
  ),
  "bare-lf": r(
    "The message held a line feed without carriage return; with such line ends messages can be smuggled past filters.",
    "Die Nachricht enthielt einen Zeilenvorschub (LF) ohne Wagenrücklauf (CR); mit solchen Zeilenenden lassen sich Nachrichten an Filtern vorbeischmuggeln.",
    MEND_EN,
    MEND_DE,
  ),
  "bare-cr": r(
    "The message held a carriage return without line feed; with such line ends messages can be smuggled past filters.",
    "Die Nachricht enthielt einen Wagenrücklauf (CR) ohne Zeilenvorschub (LF); mit solchen Zeilenenden lassen sich Nachrichten an Filtern vorbeischmuggeln.",
    MEND_EN,
    MEND_DE,
  ),
  "nul-octet": r(
    "The message held a NUL octet.",
    "Die Nachricht enthielt ein NUL-Zeichen.",
    MEND_EN,
    MEND_DE,
  ),
  "message-line-too-long": r(
    "The message held a line that is too long; it should have been wrapped or encoded.",
    "Die Nachricht enthielt eine überlange Zeile; sie hätte umbrochen oder kodiert werden müssen.",
    MEND_EN,
    MEND_DE,
  ),
  "xclient-refused": r(
    "The client used XCLIENT, which only proxies named in the configuration may do.",
    "Der Client hat XCLIENT benutzt; das dürfen nur Vermittler, die in der Konfiguration stehen.",
    "Name the address of the proxy in the configuration, if it is yours.",
    "Nennen Sie die Adresse des Vermittlers in der Konfiguration, falls er Ihnen gehört.",
  ),
  "bad-xclient": r(
    "The client sent a malformed XCLIENT attribute.",
    "Der Client hat ein fehlerhaftes XCLIENT-Attribut gesendet.",
    MEND_EN,
    MEND_DE,
  ),
  "bad-helo": r(
    "The client did not introduce itself with a host name or address literal[[ but as {helo}]].",
    "Der Client hat sich nicht mit einem Rechnernamen oder Adressliteral vorgestellt[[, sondern als {helo}]].",
    MEND_EN,
    MEND_DE,
  ),
  "too-many-chunks": r(
    "The message came in too many small pieces.",
    "Die Nachricht kam in zu vielen kleinen Stücken.",
    MEND_EN,
    MEND_DE,
  ),
  "no-valid-recipients": r(
    "No recipient had been accepted when the message was about to be sent.",
    "Kein Empfänger war angenommen worden, als die Nachricht gesendet werden sollte.",
    "See the refusals of the recipients.",
    "Siehe die Ablehnungen der Empfänger.",
  ),
  "bad-sender-syntax": r(
    "The sender address was malformed.",
    "Die Absenderadresse war fehlerhaft.",
    MEND_EN,
    MEND_DE,
  ),
  "bad-recipient-syntax": r(
    "The recipient address was malformed.",
    "Die Empfängeradresse war fehlerhaft.",
    "Check the address for typing errors.",
    "Prüfen Sie die Adresse auf Tippfehler.",
  ),
  "smtputf8-needed": r(
    "An address with letters beyond ASCII came without the extension SMTPUTF8.",
    "Eine Adresse mit Zeichen außerhalb von ASCII kam ohne die Erweiterung SMTPUTF8.",
    MEND_EN,
    MEND_DE,
  ),
  "source-route": r(
    "The recipient was written with a route through other servers, which has been abandoned long ago.",
    "Der Empfänger war mit einem Weg über andere Server angegeben; das ist seit langem abgeschafft.",
    MEND_EN,
    MEND_DE,
  ),
  "too-many-recipients": r(
    "The message had more recipients than one message may have.",
    "Die Nachricht hatte mehr Empfänger, als eine Nachricht haben darf.",
    "Nothing needs to be done: servers send the rest in a further message.",
    "Es ist nichts zu tun: Server senden den Rest in einer weiteren Nachricht.",
  ),
} satisfies Readonly<Record<string, ReasonWords>>;
