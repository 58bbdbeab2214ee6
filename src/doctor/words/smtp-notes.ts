import { note } from "./phrase.ts";

export const SMTP_NOTES = {
  "put-off": note(
    "The server put the question off ({reply}); mail would be tried again later.",
    "Der Server vertröstete die Frage ({reply}); Mail würde später noch einmal versucht.",
    "Ask again in some minutes (greylisting), or from an address the server knows.",
    "Fragen Sie in einigen Minuten noch einmal (Greylisting) oder von einer Adresse, die der Server kennt.",
  ),
  "turned-away": note(
    "The server turned us away before this could be asked ({reply}).",
    "Der Server wies uns ab, bevor das gefragt werden konnte ({reply}).",
    "Ask from an address with a reverse name that is on no blocklist.",
    "Fragen Sie von einer Adresse mit Rückwärtsnamen, die auf keiner Sperrliste steht.",
  ),
  "banner-other": note(
    "The greeting tells {found} instead of {name}.",
    "Die Begrüßung nennt {found} statt {name}.",
    "Set the server's host name to {name} (Wachpost: hostname, Postfix: myhostname).",
    "Setzen Sie den Servernamen auf {name} (Wachpost: hostname, Postfix: myhostname).",
  ),
  "extensions-missing": note(
    "Not offered: {missing}.",
    "Nicht angeboten: {missing}.",
    "Do not switch these off; a firewall that rewrites SMTP may do so too.",
    "Schalten Sie diese nicht ab; auch eine Firewall, die SMTP umschreibt, kann es tun.",
  ),
  "relay-open": note(
    "The server takes mail from strangers to strangers. Spammers find such servers within hours.",
    "Der Server nimmt Mail von Fremden an Fremde an. Spammer finden solche Server in Stunden.",
    "Close it now: allow relaying only to logged-in users and own networks (reject_unauth_destination).",
    "Schließen Sie ihn sofort: Weiterleiten dürfen nur angemeldete Benutzer und eigene Netze (reject_unauth_destination).",
  ),
  "relay-open-form": note(
    "The server takes mail from strangers to strangers, in {count} of the ways to write an address.",
    "Der Server nimmt Mail von Fremden an Fremde an, bei {count} der Schreibweisen von Adressen.",
    "Refuse it now: let only logged-in users relay, and take no %, ! or @ in local parts as a route (Postfix: allow_percent_hack = no, swap_bangpath = no).",
    "Lehnen Sie sie sofort ab: Weiterleiten dürfen nur angemeldete Benutzer, und %, ! oder @ im lokalen Teil sind kein Weg (Postfix: allow_percent_hack = no, swap_bangpath = no).",
  ),
  "smuggling-open": note(
    "The server takes {ends} for the end of a message: others can smuggle forged mail through it.",
    "Der Server hält {ends} für das Ende einer Nachricht: Andere können gefälschte Mail hindurchschmuggeln.",
    "Update the server; Postfix: smtpd_forbid_bare_newline = normalize.",
    "Aktualisieren Sie den Server; Postfix: smtpd_forbid_bare_newline = normalize.",
  ),
  "starttls-injected": note(
    "A command sent in clear behind STARTTLS was carried out inside TLS: passwords can be stolen with it.",
    "Ein unverschlüsselt hinter STARTTLS gesendeter Befehl wurde in TLS ausgeführt: So lassen sich Passwörter stehlen.",
    "Update the server; until then switch STARTTLS for mail programs off and use ports 465, 993 and 995.",
    "Aktualisieren Sie den Server; schalten Sie bis dahin STARTTLS für Mailprogramme ab und benutzen Sie die Ports 465, 993 und 995.",
  ),
  "size-ignored": note(
    "A message said to be of {octets} octets would be taken; it is refused only when all of it was sent, if at all.",
    "Eine Nachricht von angeblich {octets} Oktetten würde angenommen; abgelehnt wird sie, wenn überhaupt, erst nach dem Senden.",
    "Set a limit (Postfix: message_size_limit) and announce it with SIZE.",
    "Setzen Sie eine Grenze (Postfix: message_size_limit) und kündigen Sie sie mit SIZE an.",
  ),
  "auth-plain-mailbox": note(
    "Passwords for mailboxes are accepted before encryption begins.",
    "Passwörter für Postfächer werden angenommen, bevor die Verschlüsselung beginnt.",
    "Refuse logins without TLS (Dovecot: disable_plaintext_auth = yes), or close this port and use 993 and 995.",
    "Lehnen Sie Anmeldungen ohne TLS ab (Dovecot: disable_plaintext_auth = yes), oder schließen Sie diesen Port und benutzen Sie 993 und 995.",
  ),
  "capabilities-missing": note(
    "Not offered to mail programs: {missing}.",
    "Mailprogrammen nicht angeboten: {missing}.",
    "Switch them on; without them mail programs cannot log in, or fetch mail twice.",
    "Schalten Sie sie ein; ohne sie können Mailprogramme sich nicht anmelden oder holen Mail doppelt.",
  ),
  "vrfy-tells": note(
    "VRFY tells which addresses exist.",
    "VRFY verrät, welche Adressen es gibt.",
    "Switch it off (Postfix: disable_vrfy_command = yes; Exim: no acl_smtp_vrfy).",
    "Schalten Sie es ab (Postfix: disable_vrfy_command = yes; Exim: kein acl_smtp_vrfy).",
  ),
  "expn-tells": note(
    "EXPN tells who is on a list.",
    "EXPN verrät, wer auf einer Liste steht.",
    "Switch it off (Exim: no acl_smtp_expn).",
    "Schalten Sie es ab (Exim: kein acl_smtp_expn).",
  ),
  "auth-plain": note(
    "Passwords are accepted before encryption begins.",
    "Passwörter werden angenommen, bevor die Verschlüsselung beginnt.",
    "Offer AUTH after STARTTLS only (Postfix: smtpd_tls_auth_only = yes).",
    "Bieten Sie AUTH nur nach STARTTLS an (Postfix: smtpd_tls_auth_only = yes).",
  ),
  "no-login-needed": note(
    "The submission port takes mail without a login.",
    "Der Einlieferungsport nimmt Mail ohne Anmeldung an.",
    "Require AUTH on this port.",
    "Verlangen Sie AUTH auf diesem Port.",
  ),
  "unknown-accepted": note(
    "The server accepts mail for addresses that do not exist: it will bounce to innocent people or be lost.",
    "Der Server nimmt Mail an Adressen an, die es nicht gibt: Sie geht an Unbeteiligte zurück oder verloren.",
    "Refuse unknown recipients at RCPT (a catch-all has the same effect).",
    "Lehnen Sie unbekannte Empfänger bei RCPT ab (ein Catch-all wirkt ebenso).",
  ),
  "role-refused": note(
    "{address} is refused; nobody can report a problem.",
    "{address} wird abgelehnt; niemand kann ein Problem melden.",
    "Make the address, e.g. wachpost address add {address} ACCOUNT",
    "Legen Sie die Adresse an, z. B. wachpost address add {address} KONTO",
  ),
  "null-refused": note(
    "Mail from the null sender is refused: delivery notices never arrive.",
    "Mail vom leeren Absender wird abgelehnt: Zustellbenachrichtigungen kommen nie an.",
    "Accept MAIL FROM:<>.",
    "Nehmen Sie MAIL FROM:<> an.",
  ),
} as const;
