import { phrase, type Phrase } from "./words/phrase.ts";

export type Family = "dns" | "authentication" | "transport" | "smtp" | "operations";

export type Check = {
  readonly family: Family;
  readonly title: Phrase;
  /** RFC, rule or tester it comes from. */
  readonly source: string;
  /** Rows of the Internet.nl mail test it reproduces. */
  readonly internetNl?: string;
};

const check = (family: Family, en: string, de: string, source: string, internetNl?: string): Check => ({
  family,
  title: phrase(en, de),
  source,
  ...(internetNl === undefined ? {} : { internetNl }),
});

export const FAMILIES: Readonly<Record<Family, Phrase>> = {
  dns: phrase("Names and DNS", "Namen und DNS"),
  authentication: phrase("Who may send as this domain", "Wer als diese Domain senden darf"),
  transport: phrase("Transport encryption", "Verschlüsselung unterwegs"),
  smtp: phrase("How the server behaves", "Wie sich der Server verhält"),
  operations: phrase("Running this server", "Betrieb dieses Servers"),
};

/** Everything the doctor looks at. */
export const CHECKS = {
  "mx-exists": check("dns", "Mail hosts are named", "Mailserver sind benannt", "RFC 5321 §5.1, RFC 7505"),
  "mx-no-alias": check(
    "dns",
    "Mail hosts are no aliases",
    "Mailserver sind keine Aliasse",
    "RFC 2181 §10.3, RFC 5321 §5.1",
  ),
  "mx-address": check("dns", "Mail hosts have addresses", "Mailserver haben Adressen", "RFC 5321 §5.1"),
  "mx-public": check(
    "dns",
    "Addresses are reachable from the Internet",
    "Adressen sind aus dem Internet erreichbar",
    "RFC 6890",
  ),
  "mx-ours": check("dns", "Mail comes to this server", "Mail kommt zu diesem Server", "RFC 5321 §5.1"),
  "mx-ipv6": check(
    "dns",
    "Mail hosts have IPv6 addresses",
    "Mailserver haben IPv6-Adressen",
    "G-34",
    "IPv6-3",
  ),
  "ns-count": check("dns", "At least two name servers", "Mindestens zwei Nameserver", "RFC 2182 §5"),
  "ns-ipv6": check(
    "dns",
    "Name servers have IPv6 addresses",
    "Nameserver haben IPv6-Adressen",
    "G-33",
    "IPv6-1",
  ),
  "dnssec-domain": check(
    "dns",
    "The domain is signed (DNSSEC)",
    "Die Domain ist signiert (DNSSEC)",
    "RFC 4035, G-35",
    "DNSSEC-1, DNSSEC-2",
  ),
  "dnssec-mx": check(
    "dns",
    "The names of the mail hosts are signed",
    "Die Namen der Mailserver sind signiert",
    "RFC 7672 §2.2, G-36",
    "DNSSEC-3, DNSSEC-4",
  ),
  caa: check(
    "dns",
    "CAA says who may issue certificates",
    "CAA sagt, wer Zertifikate ausstellen darf",
    "RFC 8659, G-48",
    "CAA-1",
  ),
  "ptr-exists": check(
    "dns",
    "The address has a name",
    "Die Adresse hat einen Namen",
    "RFC 1912 §2.1, Google and T-Online sender rules",
  ),
  "ptr-confirmed": check(
    "dns",
    "That name leads back to the address",
    "Dieser Name führt zur Adresse zurück",
    "RFC 8601 §2.7.3, G-32",
  ),

  "spf-record": check("authentication", "One SPF record", "Ein SPF-Eintrag", "RFC 7208 §3.2, G-40", "AUTH-4"),
  "spf-syntax": check("authentication", "SPF can be read", "SPF ist lesbar", "RFC 7208 §4.6"),
  "spf-ending": check(
    "authentication",
    "SPF ends with a refusal",
    "SPF endet mit einer Ablehnung",
    "RFC 7208 §5.1, G-40",
    "AUTH-5",
  ),
  "spf-lookups": check(
    "authentication",
    "SPF stays within ten look-ups",
    "SPF kommt mit zehn Abfragen aus",
    "RFC 7208 §4.6.4, G-40",
  ),
  "spf-voids": check(
    "authentication",
    "SPF names nothing that is not there",
    "SPF nennt nichts, was es nicht gibt",
    "RFC 7208 §4.6.4",
  ),
  "spf-ptr": check("authentication", "SPF does without ptr", "SPF kommt ohne ptr aus", "RFC 7208 §5.5"),
  "spf-ours": check("authentication", "SPF allows this server", "SPF erlaubt diesen Server", "RFC 7208 §5"),
  "dkim-namespace": check(
    "authentication",
    "DKIM keys can exist",
    "Es kann DKIM-Schlüssel geben",
    "RFC 8020, G-39",
    "AUTH-3",
  ),
  "dkim-key": check(
    "authentication",
    "DKIM keys are published and strong",
    "DKIM-Schlüssel sind veröffentlicht und stark",
    "RFC 6376 §3.6.1, RFC 8301 §3.2",
  ),
  "dmarc-record": check(
    "authentication",
    "One DMARC record",
    "Ein DMARC-Eintrag",
    "RFC 9989 §4.7, G-37",
    "AUTH-1",
  ),
  "dmarc-policy": check(
    "authentication",
    "DMARC asks for action",
    "DMARC verlangt etwas",
    "RFC 9989 §4.7, G-38",
    "AUTH-2",
  ),
  "dmarc-reports": check(
    "authentication",
    "DMARC reports go somewhere",
    "DMARC-Berichte kommen an",
    "RFC 9990, G-38",
    "AUTH-2",
  ),
  tlsrpt: check("authentication", "TLS reports are asked for", "TLS-Berichte werden erbeten", "RFC 8460 §3"),

  reachable: check("transport", "The port answers", "Der Port antwortet", "RFC 5321 §3.1"),
  starttls: check("transport", "STARTTLS is offered", "STARTTLS wird angeboten", "RFC 3207, G-41", "TLS-1"),
  "tls-version": check(
    "transport",
    "TLS 1.3 is spoken",
    "TLS 1.3 wird gesprochen",
    "RFC 8446, G-42",
    "TLS-2",
  ),
  "tls-old": check(
    "transport",
    "TLS 1.0 and 1.1 are refused",
    "TLS 1.0 und 1.1 werden abgelehnt",
    "RFC 8996, G-42",
    "TLS-2",
  ),
  "tls-cipher": check(
    "transport",
    "A good cipher is chosen",
    "Ein gutes Verfahren wird gewählt",
    "RFC 9325 §4.2, G-43",
    "TLS-3",
  ),
  "tls-weak": check(
    "transport",
    "Weak ciphers are refused",
    "Schwache Verfahren werden abgelehnt",
    "RFC 9325 §4.1, G-43",
    "TLS-3, TLS-4",
  ),
  "tls-group": check(
    "transport",
    "Keys are exchanged well",
    "Schlüssel werden gut ausgetauscht",
    "RFC 9325 §4.3, G-45",
    "TLS-5",
  ),
  "cert-trust": check(
    "transport",
    "The certificate is trusted",
    "Dem Zertifikat wird vertraut",
    "RFC 5280 §6, G-47",
    "CERT-1",
  ),
  "cert-name": check(
    "transport",
    "The certificate bears the name of the host",
    "Das Zertifikat trägt den Namen des Servers",
    "RFC 6125, G-47",
    "CERT-4",
  ),
  "cert-days": check(
    "transport",
    "The certificate is valid for a while",
    "Das Zertifikat gilt noch eine Weile",
    "RFC 5280 §4.1.2.5, T-56",
  ),
  "cert-key": check(
    "transport",
    "The key of the certificate is strong",
    "Der Schlüssel des Zertifikats ist stark",
    "RFC 9325 §4.5, G-47",
    "CERT-2",
  ),
  "cert-signature": check(
    "transport",
    "The certificate is signed with SHA-2",
    "Das Zertifikat ist mit SHA-2 signiert",
    "RFC 9155, G-47",
    "CERT-3",
  ),
  "dane-exists": check(
    "transport",
    "TLSA records exist and are signed",
    "TLSA-Einträge sind da und signiert",
    "RFC 7672 §3, G-49",
    "DANE-1",
  ),
  "dane-matches": check(
    "transport",
    "TLSA records fit the certificate",
    "TLSA-Einträge passen zum Zertifikat",
    "RFC 7672 §3, G-49",
    "DANE-2",
  ),

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

  "disk-free": check("operations", "Enough free space", "Genug freier Platz", "D-49"),
  "data-mode": check(
    "operations",
    "Only the server may read its data",
    "Nur der Server darf seine Daten lesen",
    "T-44",
  ),
  "queue-age": check("operations", "Mail leaves", "Mail geht hinaus", "RFC 5321 §4.5.4.1"),
  "backup-age": check("operations", "There is a recent backup", "Es gibt eine frische Sicherung", "S-12"),
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
  clock: check("operations", "The clock is right", "Die Uhr geht richtig", "RFC 5321 §4.4, RFC 6376 §3.5"),
} as const satisfies Readonly<Record<string, Check>>;

export type CheckId = keyof typeof CHECKS;
export const CHECK_IDS = Object.keys(CHECKS) as CheckId[];
export const checkOf = (id: CheckId): Check => CHECKS[id];
