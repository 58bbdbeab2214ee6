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
  "vrfy-tells": note(
    "VRFY tells which addresses exist.",
    "VRFY verrät, welche Adressen es gibt.",
    "Switch it off (Postfix: disable_vrfy_command = yes).",
    "Schalten Sie es ab (Postfix: disable_vrfy_command = yes).",
  ),
  "expn-tells": note(
    "EXPN tells who is on a list.",
    "EXPN verrät, wer auf einer Liste steht.",
    "Switch it off.",
    "Schalten Sie es ab.",
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
