import type { Language } from "../../journal/words/language.ts";

/** An error of the rooms below, whose own words are English. */
export type CodedError = { readonly code: string; readonly message: string; readonly remedy: string };

type German = {
  /** Without it the message is another's words, and is quoted. */
  readonly what?: string;
  readonly remedy: string;
};

const OF_ITSELF = "Es ist nichts zu tun: Es wird von selbst wieder versucht.";
const OTHER_PASSWORD =
  "Wählen Sie ein anderes, oder lassen Sie den Server eines machen (ohne --password-file).";
const ADDRESSES =
  "Prüfen Sie, ob alle Adressen des Namens zu dieser Maschine gehören und kein Proxy dazwischen steht.";

/** German by the code of the error. */
export const GERMAN_ERRORS: Readonly<Record<string, German>> = {
  "too-short": {
    what: "Das Passwort ist kürzer als 15 Zeichen. Vier oder fünf zufällige Wörter sind gut.",
    remedy: OTHER_PASSWORD,
  },
  "too-long": { what: "Das Passwort ist zu lang.", remedy: OTHER_PASSWORD },
  "not-text": {
    what: "Ein Passwort darf keine Steuerzeichen enthalten und nicht mehr als 1024 Oktette.",
    remedy: OTHER_PASSWORD,
  },
  personal: {
    what: "Das Passwort besteht aus einem Namen, den jeder probieren würde: dem der Person, der Domain oder unserem.",
    remedy: OTHER_PASSWORD,
  },
  "too-common": {
    what: "Das Passwort besteht aus dem, was zuerst probiert wird: häufigen Passwörtern, Mustern, Wiederholungen.",
    remedy: OTHER_PASSWORD,
  },
  "bad-login": {
    what: "Das kann kein Loginname sein.",
    remedy: "Ein Loginname ist eine Adresse wie anna@example.org, ohne + und Anführungszeichen.",
  },
  "bad-domain": {
    what: "Das ist kein Domainname.",
    remedy: "Eine Domain sieht aus wie example.org.",
  },
  exists: {
    what: "Den Namen gibt es schon.",
    remedy: "Wählen Sie einen anderen, oder ändern Sie, was da ist.",
  },
  "no-domain": {
    what: "Die Domain gehört nicht zu diesem Server.",
    remedy: "Fügen Sie sie zuerst hinzu: `wachpost domain add DOMAIN`.",
  },
  "no-account": { what: "Dieses Konto gibt es hier nicht.", remedy: "`wachpost account list` zeigt alle." },
  "port-in-use": {
    what: "Der Port für den Nachweis ist von einem anderen Programm belegt.",
    remedy:
      "Beenden Sie, was ihn belegt, oder wählen Sie in tls.acme.challenge einen anderen Weg des Nachweises.",
  },
  "listen-failed": {
    what: "Der Port für den Nachweis lässt sich nicht öffnen.",
    remedy:
      "Ports unter 1024 brauchen root oder CAP_NET_BIND_SERVICE; die Adresse muss zu dieser Maschine gehören.",
  },
  "dns-not-propagated": {
    what: "Nicht alle Nameserver der Zone zeigen den Eintrag für den Nachweis.",
    remedy: "Sehen Sie nach dem Zonentransfer zwischen den Nameservern; es wird von selbst wieder versucht.",
  },
  "dns-update-refused": {
    what: "Die Zone ließ sich nicht ändern.",
    remedy:
      "Prüfen Sie dns.update (Server, Name des Schlüssels, Algorithmus, Geheimnis) und die update-policy des Nameservers.",
  },
  "acme-unreachable": {
    what: "Die Zertifizierungsstelle ist nicht zu erreichen.",
    remedy:
      "Prüfen Sie, ob diese Maschine HTTPS-Verbindungen öffnen darf und ihre Uhr stimmt; es wird von selbst wieder versucht.",
  },
  "acme-unreadable": {
    what: "Die Zertifizierungsstelle antwortet so, dass wir es nicht lesen können.",
    remedy: "Prüfen Sie, ob tls.acme.directory die Adresse eines ACME-Verzeichnisses ist.",
  },
  "acme-dnssec": {
    what: "DNSSEC ist kaputt, deshalb darf keine Zertifizierungsstelle ausstellen: Signaturen der Namen gelten nicht.",
    remedy:
      "Lassen Sie die Zone neu signieren, und vergleichen Sie den DS-Eintrag beim Registrar mit den Schlüsseln der Zone (dnsviz.net zeigt beides); wo DNSSEC nicht gewollt ist, lassen Sie den DS-Eintrag entfernen. Es wird von selbst wieder versucht.",
  },
  "acme-timeout": {
    what: "Die Bestellung hat zu lange gedauert oder wurde abgebrochen.",
    remedy: "Es ist nichts zu tun: Beim nächsten Versuch wird sie wieder aufgenommen.",
  },
  "acme-account-closed": {
    what: "Die Zertifizierungsstelle hat unser Konto geschlossen.",
    remedy: "Entfernen Sie account-key.pem und account.json, um mit einem neuen Konto zu beginnen.",
  },
  "acme-challenge-not-offered": {
    what: "Die Zertifizierungsstelle bietet diesen Weg des Nachweises nicht an.",
    remedy: "Wählen Sie eine andere tls.acme.challenge; Namen mit * brauchen dns-01.",
  },
  "acme-wrong-certificate": {
    what: "Das Zertifikat, das die Zertifizierungsstelle geschickt hat, ist nicht zu gebrauchen.",
    remedy: "Es wird von selbst wieder bestellt.",
  },
  "acme-accountDoesNotExist": { remedy: "Beim nächsten Versuch wird ein neues Konto angelegt." },
  "acme-alreadyReplaced": { remedy: OF_ITSELF },
  "acme-orderNotReady": { remedy: OF_ITSELF },
  "acme-badRevocationReason": { remedy: "Nehmen Sie einen anderen Grund." },
  "acme-badCSR": {
    remedy:
      "Die Namen in tls.acme.names passen nicht zu dieser Zertifizierungsstelle; prüfen Sie die Schreibweise.",
  },
  "acme-badNonce": { remedy: OF_ITSELF },
  "acme-caa": {
    remedy:
      "Ein CAA-Eintrag der Domain verbietet diese Zertifizierungsstelle, unser Konto dort oder diesen Nachweis. `wachpost dns DOMAIN` zeigt den Eintrag, der sie zulässt; oder wählen Sie ein anderes Verzeichnis.",
  },
  "acme-compound": { remedy: "Sehen Sie nach dem Fehler jedes einzelnen Namens." },
  "acme-connection": {
    remedy:
      "Die Zertifizierungsstelle konnte keine Verbindung aufbauen. Öffnen Sie den Port des Nachweises (80 für http-01, 443 für tls-alpn-01) in der Firewall, und prüfen Sie, ob A- und AAAA-Einträge hierher zeigen.",
  },
  "acme-dns": {
    remedy:
      "Der Name lässt sich nicht auflösen, oder DNSSEC seiner Zone ist kaputt. Prüfen Sie seine A- und AAAA-Einträge und `wachpost dns`.",
  },
  "acme-externalAccountRequired": {
    remedy:
      "Diese Zertifizierungsstelle verlangt ein Konto auf ihrer Website; wählen Sie ein anderes Verzeichnis.",
  },
  "acme-incorrectResponse": { remedy: `Etwas anderes hat auf den Nachweis geantwortet. ${ADDRESSES}` },
  "acme-invalidContact": { remedy: "Berichtigen Sie tls.acme.contact." },
  "acme-malformed": {
    remedy: "Die Zertifizierungsstelle hat uns nicht verstanden. Prüfen Sie tls.acme.directory.",
  },
  "acme-rateLimited": {
    remedy:
      "Zu viele Anfragen oder Zertifikate; es wird wieder versucht, wenn die Zertifizierungsstelle es erlaubt.",
  },
  "acme-rejectedIdentifier": {
    remedy:
      "Diese Zertifizierungsstelle gibt keine Zertifikate für diesen Namen; nehmen Sie ihn aus tls.acme.names.",
  },
  "acme-refused": { remedy: "Es wird von selbst wieder versucht." },
  "acme-serverInternal": { remedy: OF_ITSELF },
  "acme-tls": {
    remedy:
      "Die Zertifizierungsstelle konnte mit dieser Maschine kein TLS sprechen. Prüfen Sie, ob Port 443 des Namens zu ihr führt.",
  },
  "acme-unauthorized": { remedy: `Die Antwort auf den Nachweis kam nicht an. ${ADDRESSES}` },
  "acme-unsupportedContact": { remedy: "tls.acme.contact muss eine einzelne Mailadresse sein." },
  "acme-unsupportedIdentifier": {
    remedy: "Diese Zertifizierungsstelle gibt keine Zertifikate für solche Namen.",
  },
  "acme-userActionRequired": {
    remedy: "Die Bedingungen haben sich geändert. Lesen Sie sie; tls.acme.agree_terms stimmt ihnen zu.",
  },
};

/** Message and remedy in the operator's language; what a certificate authority said is quoted as it said it. */
export function errorWords(
  { code, message, remedy }: CodedError,
  language: Language,
): { readonly message: string; readonly remedy: string } {
  const german = Object.hasOwn(GERMAN_ERRORS, code) ? GERMAN_ERRORS[code] : undefined;
  if (language === "en" || german === undefined) return { message, remedy };
  return { message: german.what ?? `Die Zertifizierungsstelle sagt: „${message}“`, remedy: german.remedy };
}
