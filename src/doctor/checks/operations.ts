import { check } from "./check.ts";

export const OPERATIONS_CHECKS = {
  "disk-free": check("operations", "Enough free space", "Genug freier Platz", "D-49"),
  "data-mode": check(
    "operations",
    "Only the server may read its data",
    "Nur der Server darf seine Daten lesen",
    "T-44",
  ),
  "secret-files": check(
    "operations",
    "Only the server may read its keys",
    "Nur der Server darf seine Schlüssel lesen",
    "T-44",
  ),
  "queue-age": check("operations", "Mail leaves", "Mail geht hinaus", "RFC 5321 §4.5.4.1"),
  "backup-age": check("operations", "There is a recent backup", "Es gibt eine frische Sicherung", "S-12"),
  "backup-drill": check(
    "operations",
    "A backup can be restored",
    "Eine Sicherung lässt sich zurückspielen",
    "G-07",
  ),
  "certificate-file": check(
    "operations",
    "The certificate will be renewed in time",
    "Das Zertifikat wird rechtzeitig erneuert",
    "T-56",
  ),
  settings: check(
    "operations",
    "No setting is weaker than its default",
    "Keine Einstellung ist schwächer als vorgesehen",
    "DESIGN §7",
  ),
  "spf-alone": check(
    "operations",
    "SPF alone refuses no forwarded mail",
    "SPF allein weist keine weitergeleitete Post ab",
    "RFC 7208 §8.4",
  ),
  "settings-tried": check(
    "operations",
    "The settings were tried before use",
    "Die Einstellungen wurden vor Gebrauch probiert",
    "S-11",
  ),
  "role-mail": check(
    "operations",
    "The rules let mail for postmaster and abuse in",
    "Die Regeln lassen Mail an Postmaster und Abuse ein",
    "RFC 5321 §4.5.1, RFC 2142, G-26",
  ),
  "password-age": check(
    "operations",
    "No password is past its age",
    "Kein Passwort ist zu alt",
    "S-10, NIST SP 800-63B §3.1.1.2",
  ),
  "node-version": check(
    "operations",
    "Node gets security updates",
    "Node bekommt Sicherheitsaktualisierungen",
    "nodejs.org release schedule",
  ),
  resolver: check(
    "operations",
    "The resolver checks DNSSEC signatures",
    "Der Resolver prüft DNSSEC-Signaturen",
    "RFC 7672 §2.2, T-48",
  ),
  clock: check("operations", "The clock is right", "Die Uhr geht richtig", "RFC 5321 §4.4, RFC 6376 §3.5"),
  "self-examination": check(
    "operations",
    "The server examines itself every day",
    "Der Server untersucht sich jeden Tag selbst",
    "G-01",
  ),
  "update-state": check(
    "operations",
    "The newest version runs here",
    "Hier läuft die neueste Version",
    "S-06",
  ),
  canary: check(
    "operations",
    "Mail gets through the whole server",
    "Mail kommt durch den ganzen Server",
    "G-03",
  ),
  postfix: check(
    "operations",
    "Postfix is configured safely",
    "Postfix ist sicher konfiguriert",
    "wachpost lint postfix",
  ),
} as const;
