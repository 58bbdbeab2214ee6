import { phrase, type Phrase } from "../../doctor/words/phrase.ts";

/** What a person is asked; Enter takes what stands in brackets. */
export const QUESTIONS = {
  hostname: phrase(
    "Name of this server, as its address resolves back to [{value}]: ",
    "Name dieses Servers, auf den seine Adresse zurückführt [{value}]: ",
  ),
  address: phrase(
    "Public address of this server, several with commas [{value}]: ",
    "Öffentliche Adresse dieses Servers, mehrere mit Komma [{value}]: ",
  ),
  account: phrase("First account, an administrator [{value}]: ", "Erstes Konto, ein Verwalter [{value}]: "),
  terms: phrase(
    "A certificate is ordered from {authority}. Do you accept its terms (https://letsencrypt.org/repository/ or its own page)? [Y/n] ",
    "Ein Zertifikat wird bei {authority} bestellt. Nehmen Sie deren Bedingungen an (https://letsencrypt.org/repository/ oder ihre eigene Seite)? [J/n] ",
  ),
} as const satisfies Readonly<Record<string, Phrase>>;
