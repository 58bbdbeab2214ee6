import { phrase, type Phrase } from "../words/phrase.ts";

export type Family = "dns" | "authentication" | "transport" | "smtp" | "operations";

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
};
