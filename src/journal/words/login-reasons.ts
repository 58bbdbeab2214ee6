import { reason as r, type ReasonWords } from "./language.ts";
import { MEND_EN, MEND_DE, LATER_EN, LATER_DE, OPERATOR_EN, OPERATOR_DE } from "./remedies.ts";

/** TLS and logins on the SMTP ports (`src/smtp`). */
export const LOGIN_REASONS = {
  "too-many-logins": r(
    "Too many logins failed in one session, which was closed.",
    "In einer Sitzung sind zu viele Anmeldungen fehlgeschlagen; sie wurde beendet.",
    "Check the password that is stored in the mail program.",
    "Prüfen Sie das Passwort, das im Mailprogramm gespeichert ist.",
  ),
  "tls-active": r(
    "The client asked for encryption that was already active.",
    "Der Client hat eine Verschlüsselung verlangt, die schon bestand.",
    MEND_EN,
    MEND_DE,
  ),
  "tls-busy": r(
    "The client or its network had too many TLS handshakes under way, or too many in a minute.",
    "Der Client oder sein Netz hatte zu viele TLS-Aushandlungen zugleich laufen, oder zu viele in einer Minute.",
    LATER_EN,
    LATER_DE,
  ),
  "tls-unavailable": r(
    "The client asked for encryption where none is offered.",
    "Der Client hat Verschlüsselung verlangt, wo keine angeboten wird.",
    "Give the server a certificate.",
    "Richten Sie für den Server ein Zertifikat ein.",
  ),
  "tls-required": r(
    "The client did not switch to encryption first, as is required here.",
    "Der Client hat nicht zuerst auf Verschlüsselung umgeschaltet, wie es hier verlangt wird.",
    "Set the mail program to TLS or STARTTLS. This cannot be switched off.",
    "Stellen Sie das Mailprogramm auf TLS oder STARTTLS. Diese Regel lässt sich nicht abschalten.",
  ),
  "auth-unavailable": r(
    "The client tried to log in where no logins are taken.",
    "Der Client wollte sich anmelden, wo keine Anmeldungen angenommen werden.",
    "Mail programs use port 465 or 587.",
    "Mailprogramme benutzen Port 465 oder 587.",
  ),
  "unknown-mechanism": r(
    "The client chose a way to log in that is not offered.",
    "Der Client hat ein Anmeldeverfahren gewählt, das nicht angeboten wird.",
    "Choose “normal password” in the mail program.",
    "Wählen Sie im Mailprogramm „Passwort, normal“.",
  ),
  "login-failed": r(
    "The login failed: name or password is wrong, or the account is disabled.",
    "Die Anmeldung ist fehlgeschlagen: Name oder Passwort ist falsch, oder das Konto ist gesperrt.",
    "Check name and password in the mail program, or make a password for this program alone.",
    "Prüfen Sie Name und Passwort im Mailprogramm, oder legen Sie ein Passwort nur für dieses Programm an.",
    "app-password",
  ),
  "login-throttled": r(
    "Too many logins failed before; for a while no password is looked at.",
    "Vorher sind zu viele Anmeldungen fehlgeschlagen; eine Zeit lang wird kein Passwort mehr geprüft.",
    "The block ends by itself within an hour. Clients that logged in before are not affected by others; passwords made for single programs work all the while.",
    "Die Sperre endet innerhalb einer Stunde von selbst. Wer sich von dort schon angemeldet hatte, ist von fremden Versuchen nicht betroffen; Passwörter für einzelne Programme gelten auch währenddessen.",
    "app-password",
  ),
  "login-expired": r(
    "The password was right, but it is older than an administrator's password may be.",
    "Das Passwort war richtig, ist aber älter, als das Passwort eines Administrators sein darf.",
    "Set a new one with `wachpost account password`. Passwords for single programs go on working.",
    "Setzen Sie mit `wachpost account password` ein neues. Passwörter für einzelne Programme gelten weiter.",
    "app-password",
  ),
  "login-withdrawn": r(
    "The password of this session was changed or revoked, or the account was disabled.",
    "Das Passwort dieser Sitzung wurde geändert oder widerrufen, oder das Konto wurde gesperrt.",
    "Log in again with a password that is valid now.",
    "Melden Sie sich mit einem Passwort an, das jetzt gilt.",
  ),
  "login-malformed": r(
    "The exchange of the login was malformed.",
    "Der Ablauf der Anmeldung war fehlerhaft.",
    MEND_EN,
    MEND_DE,
  ),
  "login-cancelled": r("The client broke the login off.", "Der Client hat die Anmeldung abgebrochen."),
  "login-unavailable": r(
    "The server could not check passwords at that time.",
    "Der Server konnte zu dieser Zeit keine Passwörter prüfen.",
    OPERATOR_EN,
    OPERATOR_DE,
  ),
  "login-required": r(
    "The client wanted to send without having logged in.",
    "Der Client wollte senden, ohne sich angemeldet zu haben.",
    "Turn on authentication for outgoing mail in the mail program.",
    "Schalten Sie im Mailprogramm die Anmeldung für ausgehende Post ein.",
  ),
  "not-logged-in": r(
    "The client wanted to send without having logged in.",
    "Der Client wollte senden, ohne sich angemeldet zu haben.",
    "Turn on authentication for outgoing mail in the mail program.",
    "Schalten Sie im Mailprogramm die Anmeldung für ausgehende Post ein.",
  ),
} satisfies Readonly<Record<string, ReasonWords>>;
