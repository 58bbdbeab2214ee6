import { fill, type Values } from "./fill.ts";
import type { Language, Words } from "./language.ts";

const w = (en: string, de: string): Words => ({ en, de });

/** Sentences around the reasons. */
const SENTENCES = {
  nothing: w(
    "The journal has nothing about this. It keeps records for a limited time.",
    "Das Journal weiß davon nichts. Es bewahrt Einträge nur für begrenzte Zeit auf.",
  ),
  moreFound: w(
    "There is more; ask for a shorter time or for a single id.",
    "Es gibt noch mehr; fragen Sie nach einem kürzeren Zeitraum oder einer einzelnen Kennung.",
  ),
  cut: w(
    "Parts of a record were left out because it was too large.",
    "Teile eines Eintrags fehlen, weil er zu groß war.",
  ),
  session: w(
    "{time}: {name} ({client}) connected[[ and called itself {helo}]]. Session {session}.",
    "{time}: {name} ({client}) hat sich verbunden[[ und nannte sich {helo}]]. Sitzung {session}.",
  ),
  sessionNameless: w(
    "{time}: {client}, which has no confirmed name, connected[[ and called itself {helo}]]. Session {session}.",
    "{time}: {client}, ohne bestätigten Namen, hat sich verbunden[[ und nannte sich {helo}]]. Sitzung {session}.",
  ),
  mx: w("It came as another mail server does.", "Die Verbindung kam wie von einem anderen Mailserver."),
  submission: w(
    "It came as a mail program of a user does[[, logged in as {login}]].",
    "Die Verbindung kam wie vom Mailprogramm eines Benutzers[[, angemeldet als {login}]].",
  ),
  lmtp: w(
    "It came over LMTP, from a program of this house.",
    "Die Verbindung kam über LMTP, von einem Programm dieses Hauses.",
  ),
  encrypted: w(
    "The connection was encrypted ({protocol}).",
    "Die Verbindung war verschlüsselt ({protocol}).",
  ),
  plain: w("The connection was not encrypted.", "Die Verbindung war nicht verschlüsselt."),
  sessionEmpty: w(
    "It brought no message, and nothing was refused.",
    "Sie brachte keine Nachricht, und nichts wurde abgelehnt.",
  ),
  refusedConnect: w("The connection was refused: {reply}.", "Die Verbindung wurde abgelehnt: {reply}."),
  refusedHelo: w(
    "The introduction of the client was refused: {reply}.",
    "Die Vorstellung des Clients wurde abgelehnt: {reply}.",
  ),
  refusedMail: w("Mail from {sender} was refused: {reply}.", "Post von {sender} wurde abgelehnt: {reply}."),
  refusedRcpt: w(
    "Mail from {sender} for {recipient} was refused: {reply}.",
    "Post von {sender} für {recipient} wurde abgelehnt: {reply}.",
  ),
  refusedData: w(
    "A message from {sender} was refused before its text was sent: {reply}.",
    "Eine Nachricht von {sender} wurde abgelehnt, bevor ihr Text gesendet war: {reply}.",
  ),
  refusedMessage: w(
    "The message from {sender} was refused after its text was received: {reply}.",
    "Die Nachricht von {sender} wurde abgelehnt, nachdem ihr Text empfangen war: {reply}.",
  ),
  deferredConnect: w("The connection was put off: {reply}.", "Die Verbindung wurde aufgeschoben: {reply}."),
  deferredHelo: w(
    "The introduction of the client was put off: {reply}.",
    "Die Vorstellung des Clients wurde aufgeschoben: {reply}.",
  ),
  deferredMail: w(
    "Mail from {sender} was put off: {reply}.",
    "Post von {sender} wurde aufgeschoben: {reply}.",
  ),
  deferredRcpt: w(
    "Mail from {sender} for {recipient} was put off: {reply}.",
    "Post von {sender} für {recipient} wurde aufgeschoben: {reply}.",
  ),
  deferredData: w(
    "A message from {sender} was put off before its text was sent: {reply}.",
    "Eine Nachricht von {sender} wurde aufgeschoben, bevor ihr Text gesendet war: {reply}.",
  ),
  deferredMessage: w(
    "The message from {sender} was put off after its text was received: {reply}.",
    "Die Nachricht von {sender} wurde aufgeschoben, nachdem ihr Text empfangen war: {reply}.",
  ),
  why: w("Why:", "Grund:"),
  help: w("What would help:", "Was helfen würde:"),
  exception: w("Exception:", "Ausnahme:"),
  command: w("Command:", "Befehl:"),
  noException: w(
    "No access table that could let this client through is asked before this rule; that takes a change of the rules.",
    "Vor dieser Regel wird keine Zugangstabelle gefragt, die diesen Client durchlassen könnte; dazu müssen die Regeln geändert werden.",
  ),
  unworded: w("The reason is recorded as {reason}.", "Der Grund ist vermerkt als {reason}."),
  noReason: w("No reason was recorded.", "Es ist kein Grund vermerkt."),
  ruleDecided: w(
    "The rule {rule} decided (stage {stage}).",
    "Entschieden hat die Regel {rule} (Stufe {stage}).",
  ),
  noRule: w(
    "No rule decided this; the server always does so.",
    "Das hat keine Regel entschieden; der Server verfährt immer so.",
  ),
  evidence: w(
    "Asked: {question}; the answer was {answer}.",
    "Gefragt: {question}; die Antwort war {answer}.",
  ),
  askedNoRecord: w(
    "Asked: {question}; there is no such record.",
    "Gefragt: {question}; einen solchen Eintrag gibt es nicht.",
  ),
  askedNoName: w(
    "Asked: {question}; there is no such name.",
    "Gefragt: {question}; diesen Namen gibt es nicht.",
  ),
  askedInVain: w(
    "Asked: {question}; no usable answer came ({reason}).",
    "Gefragt: {question}; es kam keine brauchbare Antwort ({reason}).",
  ),
  askedNoEntry: w(
    "Asked: {question}; the table has no such entry.",
    "Gefragt: {question}; die Tabelle hat keinen solchen Eintrag.",
  ),
  askedNoTable: w(
    "Asked: {question}; there is no such table.",
    "Gefragt: {question}; diese Tabelle gibt es nicht.",
  ),
  shadow: w(
    "On trial: the rule {rule} would have refused this.",
    "Auf Probe: Die Regel {rule} hätte das abgelehnt.",
  ),
  shadowDefer: w(
    "On trial: the rule {rule} would have put this off.",
    "Auf Probe: Die Regel {rule} hätte das aufgeschoben.",
  ),
  likewise: w("Likewise {count} more.", "Ebenso noch {count}."),
  likewiseFor: w("Likewise for {recipients}.", "Ebenso für {recipients}."),
  passed: w("What spoke for it:", "Was dafür sprach:"),
  remoteSaid: w(
    "The other server decided this; its words say why.",
    "Das hat der andere Server entschieden; seine Worte sagen, warum.",
  ),
  moreRefused: w(
    "Further refusals that are not shown: {count}.",
    "Weitere Ablehnungen, hier nicht gezeigt: {count}.",
  ),
  message: w(
    "{time}: message {id} from {sender} for {recipients}, {size} octets[[, message-id {messageId}]].",
    "{time}: Nachricht {id} von {sender} für {recipients}, {size} Byte[[, Message-ID {messageId}]].",
  ),
  subject: w("Subject: {subject}.", "Betreff: {subject}."),
  authentication: w("Proof of origin: {results}.", "Herkunftsnachweise: {results}."),
  copyDelivered: w(
    "It was delivered to the mailbox {mailbox} of {login}.",
    "Sie wurde in das Postfach {mailbox} von {login} zugestellt.",
  ),
  daneOff: w(
    "DANE was off: the resolver of this server was not known to check DNSSEC signatures (`wachpost doctor`).",
    "DANE war abgeschaltet: Es war nicht belegt, dass der Resolver dieses Servers DNSSEC-Signaturen prüft (`wachpost doctor`).",
  ),
  notForwarded: w("It was not forwarded to {address}.", "Sie wurde nicht an {address} weitergeleitet."),
  copyJunk: w(
    "It was filed as junk in the mailbox {mailbox} of {login}.",
    "Sie wurde als Spam im Postfach {mailbox} von {login} abgelegt.",
  ),
  outcomeQueued: w(
    "It was accepted and waits to be sent on.",
    "Sie wurde angenommen und wartet auf den Weiterversand.",
  ),
  outcomeDelivered: w("It was accepted.", "Sie wurde angenommen."),
  outcomeJunk: w("It was accepted and filed as junk.", "Sie wurde angenommen und als Spam abgelegt."),
  outcomeRejected: w("It was refused.", "Sie wurde abgelehnt."),
  outcomeDeferred: w(
    "It was put off; the sender keeps it and tries again.",
    "Sie wurde aufgeschoben; der Absender behält sie und versucht es noch einmal.",
  ),
  junkHelp: w(
    "Whoever moves it out of the junk mailbox teaches the filter.",
    "Wer sie aus dem Spam-Postfach herausnimmt, lehrt den Filter.",
  ),
  tryDelivered: w(
    "{time}: delivered to {recipient}[[ by {host}]]: {reply}.",
    "{time}: an {recipient} zugestellt[[ durch {host}]]: {reply}.",
  ),
  tryRelayed: w(
    "{time}: for {recipient} handed to {host}: {reply}.",
    "{time}: für {recipient} an {host} übergeben: {reply}.",
  ),
  tryDeferred: w(
    "{time}: could not be delivered to {recipient} yet[[ ({host})]]: {reply}.",
    "{time}: an {recipient} noch nicht zustellbar[[ ({host})]]: {reply}.",
  ),
  tryFailed: w(
    "{time}: could not be delivered to {recipient}[[ ({host})]]: {reply}.",
    "{time}: an {recipient} nicht zustellbar[[ ({host})]]: {reply}.",
  ),
  tryExpired: w(
    "{time}: given up for {recipient} after too long a time[[ ({host})]]: {reply}.",
    "{time}: für {recipient} nach zu langer Zeit aufgegeben[[ ({host})]]: {reply}.",
  ),
  nextTry: w("The next try is due at {time}.", "Der nächste Versuch ist fällig um {time}."),
  triesBetween: w("Tries between, not shown: {count}.", "Versuche dazwischen, hier nicht gezeigt: {count}."),
  securityNone: w("The connection was not encrypted.", "Die Verbindung war nicht verschlüsselt."),
  securityOpportunistic: w(
    "The connection was encrypted, without proof who the other side is.",
    "Die Verbindung war verschlüsselt, ohne Nachweis, wer die Gegenseite ist.",
  ),
  securityProven: w(
    "The connection was encrypted and the other side proven ({how}).",
    "Die Verbindung war verschlüsselt und die Gegenseite nachgewiesen ({how}).",
  ),
  bounced: w(
    "The sender was told that it could not be delivered.",
    "Dem Absender wurde mitgeteilt, dass sie nicht zustellbar ist.",
  ),
  toldDelayed: w("The sender was told that it is delayed.", "Dem Absender wurde die Verzögerung mitgeteilt."),
  toldDelivered: w(
    "The sender had asked for it and was told.",
    "Dem Absender wurde es auf seinen Wunsch mitgeteilt.",
  ),
  loginOk: w(
    "{time}: {login} logged in from {client} ({protocol}).",
    "{time}: {login} hat sich von {client} angemeldet ({protocol}).",
  ),
  loginWrong: w(
    "{time}: a login as {login} from {client} failed ({protocol}): name or password was wrong.",
    "{time}: Eine Anmeldung als {login} von {client} ist fehlgeschlagen ({protocol}): Name oder Passwort war falsch.",
  ),
  loginThrottled: w(
    "{time}: a login as {login} from {client} was not looked at ({protocol}).",
    "{time}: Eine Anmeldung als {login} von {client} wurde nicht geprüft ({protocol}).",
  ),
  loginExpired: w(
    "{time}: a login as {login} from {client} was refused ({protocol}): the password was right and has expired.",
    "{time}: Eine Anmeldung als {login} von {client} wurde abgelehnt ({protocol}): Das Passwort war richtig und ist abgelaufen.",
  ),
  loginDisabled: w(
    "{time}: a login as {login} from {client} was refused ({protocol}): the account is disabled.",
    "{time}: Eine Anmeldung als {login} von {client} wurde abgelehnt ({protocol}): Das Konto ist gesperrt.",
  ),
  repeated: w("The same again ({count} more), last at {time}.", "Dasselbe noch {count}-mal, zuletzt {time}."),
  doorRefused: w(
    "{time}: {client} was refused at the door ({door})[[, {count} times]]. Id {id}.",
    "{time}: {client} wurde an der Tür abgewiesen ({door})[[, {count}-mal]]. Kennung {id}.",
  ),
  doorMany: w(
    "{time}: so many clients came at once that they are not named; refused at the door ({door})[[, {count} times]]. Id {id}.",
    "{time}: Es kamen so viele Clients zugleich, dass sie nicht genannt sind; an der Tür abgewiesen ({door})[[, {count}-mal]]. Kennung {id}.",
  ),
  doorLast: w("The last time: {last}.", "Zuletzt: {last}."),
  fateRead: w("{time}: {login} read it.", "{time}: {login} hat sie gelesen."),
  fateAnswered: w("{time}: {login} answered it.", "{time}: {login} hat sie beantwortet."),
  fateToJunk: w("{time}: {login} called it junk.", "{time}: {login} hat sie zu Spam erklärt."),
  fateFromJunk: w(
    "{time}: {login} said that it is no junk.",
    "{time}: {login} hat gesagt, dass sie kein Spam ist.",
  ),
  fateRemoved: w("{time}: {login} removed it.", "{time}: {login} hat sie gelöscht."),
  fateExpired: w(
    "{time}: it was removed from the mailbox of {login}, as its folder keeps mail for so many days only.",
    "{time}: Sie wurde aus dem Postfach von {login} gelöscht, weil der Ordner Mail nur so viele Tage aufbewahrt.",
  ),
} satisfies Readonly<Record<string, Words>>;

export type SentenceKey = keyof typeof SENTENCES;

/** Says a sentence of the catalogue. */
export const say = (key: SentenceKey, language: Language, values: Values = {}): string =>
  fill(SENTENCES[key], language, values);

/** Every sentence, for the tests. */
export const allSentences = (): Readonly<Record<string, Words>> => SENTENCES;
