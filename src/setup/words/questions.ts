import { phrase, type Phrase } from "../../doctor/words/phrase.ts";

/** What a person is asked; Enter takes what stands in brackets. */
export const QUESTIONS = {
  hello: phrase(
    "A few questions first. Enter takes what stands in brackets; nothing is changed before they are answered.",
    "Zuerst ein paar Fragen. Enter nimmt, was in Klammern steht; vorher wird nichts verändert.",
  ),
  hostname: phrase(
    "Name of this machine on the Internet: mail goes to it, and its address should point back to it{brackets}: ",
    "Name dieser Maschine im Internet: An ihn geht die Mail, und ihre Adresse sollte auf ihn zurückführen{brackets}: ",
  ),
  address: phrase(
    "Its public IP address, several with commas; just Enter if you do not know it yet{brackets}: ",
    "Ihre öffentliche IP-Adresse, mehrere mit Komma; nur Enter, wenn Sie sie noch nicht kennen{brackets}: ",
  ),
  "address-known": phrase(
    "Its public IP address, several with commas{brackets}: ",
    "Ihre öffentliche IP-Adresse, mehrere mit Komma{brackets}: ",
  ),
  account: phrase(
    "Mail address of the first person, who also gets mail to postmaster{brackets}: ",
    "Mailadresse der ersten Person, die auch die Mail an postmaster bekommt{brackets}: ",
  ),
  terms: phrase(
    "A certificate is ordered from {authority}. Do you accept its terms ({terms})? n: one of our own, which mail programs do not trust by themselves [Y/n] ",
    "Ein Zertifikat wird bei {authority} bestellt. Nehmen Sie deren Bedingungen an ({terms})? n: ein eigenes, dem Mailprogramme nicht von selbst vertrauen [J/n] ",
  ),
} as const satisfies Readonly<Record<string, Phrase>>;

/** What cannot be an answer, by the code of the refusal. */
export const SLIPS = {
  "bad-hostname": phrase(
    "{answer} is not the name of a server. Write it like mail.{domain}.",
    "{answer} ist kein Name eines Servers. Schreiben Sie ihn wie mail.{domain}.",
  ),
  "bad-address": phrase(
    "{answer} is not an IP address. Write it like 203.0.113.25 or 2001:db8::25.",
    "{answer} ist keine IP-Adresse. Schreiben Sie sie wie 203.0.113.25 oder 2001:db8::25.",
  ),
  "bad-login": phrase(
    "{answer} cannot be an address here. Write it like anna@{domain}.",
    "{answer} kann hier keine Adresse sein. Schreiben Sie sie wie anna@{domain}.",
  ),
} as const satisfies Readonly<Record<string, Phrase>>;
