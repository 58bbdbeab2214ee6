import type { Language, Words } from "../../journal/words/language.ts";

/** The page for people who set up their mail program by hand. */
export const PAGE = {
  title: { en: "Mail settings", de: "E-Mail-Einstellungen" },
  intro: {
    en: "Most mail programs find these settings by themselves: type your address and your password. If yours does not, this is what to enter.",
    de: "Die meisten Mailprogramme finden diese Einstellungen selbst: Geben Sie Ihre Adresse und Ihr Passwort ein. Wenn Ihres das nicht kann, tragen Sie dies ein.",
  },
  server: { en: "Server", de: "Server" },
  use: { en: "For", de: "Für" },
  port: { en: "Port", de: "Port" },
  security: { en: "Encryption", de: "Verschlüsselung" },
  imap: { en: "Reading mail (IMAP)", de: "Mail lesen (IMAP)" },
  pop3: { en: "Fetching mail (POP3)", de: "Mail abholen (POP3)" },
  smtp: { en: "Sending mail (SMTP)", de: "Mail senden (SMTP)" },
  tls: { en: "SSL/TLS", de: "SSL/TLS" },
  starttls: { en: "STARTTLS", de: "STARTTLS" },
  login: {
    en: "User name: your whole address. Password: the one you were given, sent encrypted (“normal password”).",
    de: "Benutzername: Ihre ganze Adresse. Passwort: das Ihnen gegebene, verschlüsselt übertragen („Passwort, normal“).",
  },
  apple: { en: "iPhone, iPad and Mac", de: "iPhone, iPad und Mac" },
  appleHelp: {
    en: "Enter your address to download a profile; the device asks for your password. It is not signed, and the device says so.",
    de: "Geben Sie Ihre Adresse ein, um ein Profil herunterzuladen; das Gerät fragt nach Ihrem Passwort. Es ist nicht signiert, und das Gerät sagt das.",
  },
  address: { en: "Your address", de: "Ihre Adresse" },
  download: { en: "Download", de: "Herunterladen" },
} as const satisfies Readonly<Record<string, Words>>;

/**
 * The best of our languages for a browser.
 *
 *     Accept-Language = [ ( language-range [ weight ] ) *( OWS "," OWS ( language-range [ weight ] ) ) ]
 *
 * RFC 9110 §12.5.4
 */
export function languageOf(acceptLanguage: string): Language {
  const wishes = acceptLanguage
    .slice(0, 500)
    .split(",")
    .map((part) => {
      const [range = "", ...parameters] = part.split(";").map((text) => text.trim().toLowerCase());
      const weight = parameters.find((text) => text.startsWith("q="))?.slice(2);
      return { language: range.split("-")[0], weight: weight === undefined ? 1 : Number(weight) };
    });
  const weightOf = (language: Language): number =>
    Math.max(0, ...wishes.filter((wish) => wish.language === language).map(({ weight }) => weight || 0));
  return weightOf("de") > weightOf("en") ? "de" : "en";
}
