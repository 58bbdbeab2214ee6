import { phrase, type Phrase } from "../words/phrase.ts";

export type Family =
  | "dns"
  | "authentication"
  | "transport"
  | "smtp"
  | "operations"
  | "attack-smtp"
  | "attack-login"
  | "attack-mailbox"
  | "attack-web";

export type Check = {
  readonly family: Family;
  readonly title: Phrase;
  /** RFC, rule or tester it comes from. */
  readonly source: string;
  /** Rows of the Internet.nl mail test it reproduces. */
  readonly internetNl?: string;
  /** What testssl.sh calls the same. */
  readonly testssl?: string;
};

export const check = (
  family: Family,
  en: string,
  de: string,
  source: string,
  internetNl?: string,
  testssl?: string,
): Check => ({
  family,
  title: phrase(en, de),
  source,
  ...(internetNl === undefined ? {} : { internetNl }),
  ...(testssl === undefined ? {} : { testssl }),
});

export const FAMILIES: Readonly<Record<Family, Phrase>> = {
  dns: phrase("Names and DNS", "Namen und DNS"),
  authentication: phrase("Who may send as this domain", "Wer als diese Domain senden darf"),
  transport: phrase("Transport encryption", "Verschlüsselung unterwegs"),
  smtp: phrase("How the server behaves", "Wie sich der Server verhält"),
  operations: phrase("Running this server", "Betrieb dieses Servers"),
  "attack-smtp": phrase("Attacks on SMTP", "Angriffe auf SMTP"),
  "attack-login": phrase("Attacks on logins and senders", "Angriffe auf Anmeldungen und Absender"),
  "attack-mailbox": phrase(
    "Attacks on IMAP, POP3 and what is read there",
    "Angriffe auf IMAP, POP3 und Gelesenes",
  ),
  "attack-web": phrase("Attacks on the web door", "Angriffe auf die Web-Tür"),
};
