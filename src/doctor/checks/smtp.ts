import { check } from "./check.ts";

export const SMTP_CHECKS = {
  "banner-name": check(
    "smtp",
    "The greeting tells the host name",
    "Die Begrüßung nennt den Servernamen",
    "RFC 5321 §4.2, §4.3.1",
  ),
  extensions: check(
    "smtp",
    "Common extensions are offered",
    "Übliche Erweiterungen werden angeboten",
    "RFC 5321 §2.2, RFC 1870, 2920, 6152, 2034",
  ),
  relay: check("smtp", "No open relay", "Kein offenes Relay", "RFC 5321 §7.9"),
  "relay-forms": check("smtp", "No relay in any form", "Kein Relay in keiner Form", "RFC 5321 §7.9, D-22"),
  smuggling: check(
    "smtp",
    "Only CRLF.CRLF ends a message",
    "Nur CRLF.CRLF beendet eine Nachricht",
    "RFC 5321 §4.1.1.4, CVE-2023-51764",
  ),
  "starttls-injection": check(
    "smtp",
    "Words behind STARTTLS are forgotten",
    "Worte hinter STARTTLS werden vergessen",
    "RFC 3207 §4.2, CVE-2011-0411, G-54",
    undefined,
    "starttls_injection",
  ),
  "size-limit": check(
    "smtp",
    "Too large mail is refused before it is sent",
    "Zu große Mail wird vor dem Senden abgelehnt",
    "RFC 1870 §6.1",
  ),
  "mailbox-capabilities": check(
    "smtp",
    "IMAP and POP3 have what mail programs need",
    "IMAP und POP3 haben, was Mailprogramme brauchen",
    "RFC 9051 §6.1.1, RFC 2449",
  ),
  vrfy: check("smtp", "VRFY tells nothing", "VRFY verrät nichts", "RFC 5321 §7.3"),
  expn: check("smtp", "EXPN tells nothing", "EXPN verrät nichts", "RFC 5321 §7.3"),
  "auth-before-tls": check(
    "smtp",
    "No login without TLS",
    "Keine Anmeldung ohne TLS",
    "RFC 8314 §3, RFC 4954 §4",
  ),
  "login-needed": check("smtp", "Sending needs a login", "Senden braucht eine Anmeldung", "RFC 6409 §4.3"),
  "unknown-recipient": check(
    "smtp",
    "Unknown recipients are refused at once",
    "Unbekannte Empfänger werden sofort abgelehnt",
    "RFC 5321 §3.3, RFC 3834",
  ),
  postmaster: check("smtp", "postmaster takes mail", "postmaster nimmt Mail an", "RFC 5321 §4.5.1, G-26"),
  abuse: check("smtp", "abuse takes mail", "abuse nimmt Mail an", "RFC 2142 §4, G-26"),
  "null-sender": check(
    "smtp",
    "Notices (the null sender) are accepted",
    "Benachrichtigungen (leerer Absender) werden angenommen",
    "RFC 5321 §4.5.5",
  ),
} as const;
