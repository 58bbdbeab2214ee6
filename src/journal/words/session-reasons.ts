import { reason as r, type ReasonWords } from "./language.ts";
import { MEND_EN, MEND_DE, LATER_EN, LATER_DE, OPERATOR_EN, OPERATOR_DE } from "./remedies.ts";

/** Refusals of the server behind the dialogue: relaying, recipients, senders, room, loops (`src/mta`). */
export const SESSION_REASONS = {
  "connection-limit": r(
    "Too many connections from the same network[[ ({client})]] were open at once.",
    "Aus demselben Netz[[ ({client})]] waren zu viele Verbindungen gleichzeitig offen.",
    LATER_EN,
    LATER_DE,
  ),
  "connection-rate": r(
    "From {client} or its network came more connections in a minute than one sender needs.",
    "Von {client} oder aus dessen Netz kamen in einer Minute mehr Verbindungen, als ein Absender braucht.",
    "Honest servers try again by themselves. Whom you trust you can leave uncounted.",
    "Ehrliche Server versuchen es von selbst noch einmal. Wem Sie vertrauen, den können Sie vom Zählen ausnehmen.",
  ),
  "no-seat-left": r(
    "All connections that this server allows were in use, and nobody had been idle.",
    "Alle Verbindungen, die dieser Server zulässt, waren belegt, und keine davon untätig.",
    "Honest servers try again by themselves. More can be allowed with `limits.connections` in the configuration.",
    "Ehrliche Server versuchen es von selbst noch einmal. Mehr erlaubt `limits.connections` in der Konfiguration.",
  ),
  "relay-denied": r(
    "This server is not responsible for the domain of {recipient}, and the client had no login that lets it send elsewhere.",
    "Dieser Server ist für die Domain von {recipient} nicht zuständig, und der Client hatte keine Anmeldung, mit der er nach außen senden darf.",
    "A login on port 465 or 587 would have let it through. No rule and no exception can: an open relay is never possible here.",
    "Mit einer Anmeldung auf Port 465 oder 587 wäre die Nachricht angenommen worden. Keine Regel und keine Ausnahme kann das sonst erreichen: Ein offener Weiterleiter ist dieser Server nie.",
  ),
  "unknown-recipient": r(
    "There is nobody here with the address {recipient}.",
    "Hier gibt es niemanden mit der Adresse {recipient}.",
    "Check the address for typing errors; or make it an address of somebody here.",
    "Prüfen Sie die Adresse auf Tippfehler, oder richten Sie sie hier für jemanden ein.",
    "create-account",
  ),
  "disabled-recipient": r(
    "The account behind {recipient} is disabled.",
    "Das Konto hinter {recipient} ist gesperrt.",
    "Enable the account again.",
    "Geben Sie das Konto wieder frei.",
    "enable-account",
  ),
  "broken-alias": r(
    "The alias {recipient} leads to itself or to too many addresses.",
    "Der Alias {recipient} führt auf sich selbst oder zu zu vielen Adressen.",
    "Mend the members of the alias; the sending server tries again meanwhile.",
    "Berichtigen Sie die Mitglieder des Alias; der sendende Server versucht es inzwischen weiter.",
    "create-account",
  ),
  "over-quota": r(
    "The mailbox of {recipient} is full.",
    "Das Postfach von {recipient} ist voll.",
    "Its owner has to remove mail, or you raise the quota; the sending server tries again meanwhile.",
    "Der Inhaber muss Nachrichten löschen, oder Sie erhöhen die Grenze; der sendende Server versucht es inzwischen weiter.",
    "raise-quota",
  ),
  "disk-full": r(
    "The disk of this server was nearly full.",
    "Die Platte dieses Servers war fast voll.",
    "Make room on the disk; the sending server tries again meanwhile.",
    "Schaffen Sie Platz auf der Platte; der sendende Server versucht es inzwischen weiter.",
  ),
  "store-failed": r(
    "This server could not write the message to its store, so it did not accept it.",
    "Dieser Server konnte die Nachricht nicht in seinen Speicher schreiben und hat sie deshalb nicht angenommen.",
    OPERATOR_EN,
    OPERATOR_DE,
  ),
  "mail-loop": r(
    "The message had passed through so many servers that it runs in a circle.",
    "Die Nachricht war durch so viele Server gegangen, dass sie im Kreis läuft.",
    "Look for two addresses that forward to each other.",
    "Suchen Sie nach zwei Adressen, die aufeinander weiterleiten.",
  ),
  "forward-loop": r(
    "The address that forwards had forwarded the same message before: it came back.",
    "Die weiterleitende Adresse hatte dieselbe Nachricht schon einmal weitergeleitet; sie kam zurück.",
    "Look for two addresses that forward to each other.",
    "Suchen Sie nach zwei Adressen, die aufeinander weiterleiten.",
  ),
  "forward-unproven": r(
    "Neither SPF nor a DKIM signature proves that the message is from {domain}. Had the next server refused it, the notice would have gone to somebody who may not have sent anything; so this server does not forward it.",
    "Weder SPF noch eine DKIM-Signatur belegt, dass die Nachricht von {domain} stammt. Hätte der nächste Server sie abgelehnt, wäre die Meldung an jemanden gegangen, der vielleicht nichts gesendet hat; darum leitet dieser Server sie nicht weiter.",
    "The owner of {domain} has to publish SPF for the sending server, or sign with DKIM. An account here in place of the forward takes such mail.",
    "Der Inhaber von {domain} muss SPF für den sendenden Server veröffentlichen oder mit DKIM signieren. Ein Konto hier statt der Weiterleitung nimmt solche Post an.",
  ),
  "forward-notice": r(
    "The message has the null sender, as notices have, and neither SPF, DKIM nor reverse DNS proves the server that sent it. Anybody could send advertising this way in the name of this server; so it does not forward it.",
    "Die Nachricht hat den leeren Absender, wie ihn Meldungen haben, und weder SPF noch DKIM noch die Rückwärtsauflösung belegen den Server, der sie gesendet hat. So könnte jeder im Namen dieses Servers Werbung verschicken; darum leitet er sie nicht weiter.",
    "The sending server's operator publishes SPF for its HELO name, or lets its address point to that name. An account here in place of the forward takes such mail.",
    "Der Betreiber des sendenden Servers veröffentlicht SPF für dessen HELO-Namen oder lässt dessen Adresse auf den Namen zeigen. Ein Konto hier statt der Weiterleitung nimmt solche Post an.",
  ),
  "forward-unknown": r(
    "The DNS did not say whether {domain} vouches for the message, and only mail that is vouched for is forwarded.",
    "Das DNS gab keine Auskunft, ob {domain} für die Nachricht einsteht; nur solche Post wird weitergeleitet.",
    LATER_EN,
    LATER_DE,
  ),
  "one-kind-at-a-time": r(
    "The message had recipients with a mailbox here and others whose mail is forwarded. Without SPF the two are taken one after the other, so that each gets an answer of its own.",
    "Die Nachricht ging an Empfänger mit Postfach hier und an andere, deren Post weitergeleitet wird. Ohne SPF werden beide nacheinander angenommen, damit jeder seine eigene Antwort bekommt.",
    LATER_EN,
    LATER_DE,
  ),
  "sender-not-owned": r(
    "{sender} is not an address of the login {login}.",
    "{sender} ist keine Adresse der Anmeldung {login}.",
    "Use an address of this login as sender, or make the address one of its aliases.",
    "Senden Sie mit einer Adresse dieser Anmeldung, oder richten Sie die Adresse als deren Alias ein.",
  ),
  "header-sender-not-owned": r(
    "The From or Sender field of the message names an address that is not one of the login {login}.",
    "Das Feld From oder Sender der Nachricht nennt eine Adresse, die nicht zur Anmeldung {login} gehört.",
    "Use an address of this login as sender, or make the address one of its aliases.",
    "Senden Sie mit einer Adresse dieser Anmeldung, oder richten Sie die Adresse als deren Alias ein.",
  ),
  "several-from-fields": r(
    "The message had more than one From field.",
    "Die Nachricht hatte mehr als ein From-Feld.",
    MEND_EN,
    MEND_DE,
  ),
  "canary-alone": r(
    "The server's own test message names one recipient; this one named more.",
    "Die eigene Testnachricht des Servers nennt einen Empfänger; diese nannte mehr.",
  ),
  "canary-elsewhere": r(
    "The account of the server's own test messages sends to itself only.",
    "Das Konto für die eigenen Testnachrichten des Servers sendet nur an sich selbst.",
  ),
  "bounces-only": r(
    "The address was made for delivery reports about forwarded mail; other mail is not taken there.",
    "Die Adresse ist für Zustellberichte über weitergeleitete Post gemacht; andere Post wird dort nicht angenommen.",
    "Write to the address of the person instead.",
    "Schreiben Sie an die Adresse der Person.",
  ),
  "header-too-large": r(
    "The header of the message was larger than any honest mail has it.",
    "Der Kopf der Nachricht war größer, als ehrliche Post ihn hat.",
    MEND_EN,
    MEND_DE,
  ),
  "unclear-author": r(
    "The message does not say clearly who wrote it: its From field is missing, unreadable, there more than once, or of several domains.",
    "Die Nachricht sagt nicht klar, wer sie geschrieben hat: Ihr From-Feld fehlt, ist unlesbar, mehrfach da oder nennt mehrere Domains.",
    MEND_EN,
    MEND_DE,
  ),
  "several-sender-fields": r(
    "The message had more than one Sender field.",
    "Die Nachricht hatte mehr als ein Sender-Feld.",
    MEND_EN,
    MEND_DE,
  ),
  "non-fqdn-recipient": r(
    "The recipient address {recipient} has no full domain.",
    "Die Empfängeradresse {recipient} hat keine vollständige Domain.",
    "Write the address in full, with its domain.",
    "Schreiben Sie die Adresse vollständig, mit Domain.",
  ),
} satisfies Readonly<Record<string, ReasonWords>>;
