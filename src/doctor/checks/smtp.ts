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
