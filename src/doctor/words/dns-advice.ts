import { phrase, type Phrase } from "./phrase.ts";

/** What each record is for, in `wachpost dns`. */
export const DNS_ADVICE = {
  mx: phrase("Mail for the domain comes to this server.", "Mail an die Domain kommt zu diesem Server."),
  address: phrase("The server has an address.", "Der Server hat eine Adresse."),
  ipv6: phrase("And one for IPv6, if it has it.", "Und eine für IPv6, wenn er sie hat."),
  ptr: phrase(
    "The address has a name; only who gave you the address can set it.",
    "Die Adresse hat einen Namen; setzen kann ihn nur, wer Ihnen die Adresse gab.",
  ),
  spf: phrase("Only this server sends for the domain.", "Nur dieser Server sendet für die Domain."),
  "spf-host": phrase(
    "Nobody else greets other servers by this name, and notices without a sender are from us.",
    "Niemand sonst stellt sich anderen Servern mit diesem Namen vor, und Meldungen ohne Absender sind von uns.",
  ),
  dkim: phrase("Signatures of this server can be checked.", "Signaturen dieses Servers lassen sich prüfen."),
  dmarc: phrase(
    "What others do with forged mail. Start with p=none, read the reports for some weeks, then p=quarantine, then p=reject.",
    "Was andere mit gefälschter Mail tun. Beginnen Sie mit p=none, lesen Sie einige Wochen die Berichte, dann p=quarantine, dann p=reject.",
  ),
  tlsrpt: phrase("Others report failed encryption.", "Andere melden gescheiterte Verschlüsselung."),
  srv: phrase("Mail programs find the server.", "Mailprogramme finden den Server."),
  tlsa: phrase(
    "With DNSSEC, senders know this server by its key (DANE).",
    "Mit DNSSEC erkennen Absender diesen Server an seinem Schlüssel (DANE).",
  ),
  "tlsa-next": phrase(
    "The key of a later certificate, to stand beside the other one; it is used once this record has been seen long enough.",
    "Der Schlüssel eines späteren Zertifikats, neben dem anderen; er wird benutzt, sobald dieser Eintrag lange genug zu sehen war.",
  ),
  caa: phrase(
    "Only this authority may issue certificates; name the one you use.",
    "Nur diese Stelle darf Zertifikate ausstellen; nennen Sie die Ihre.",
  ),
  "caa-account": phrase(
    "Only this authority may issue certificates, only to the account of this server, and only by its proof.",
    "Nur diese Stelle darf Zertifikate ausstellen, nur dem Konto dieses Servers und nur mit seinem Nachweis.",
  ),
  "caa-nobody": phrase(
    "Nobody issues certificates of this kind, which a mail host does not need.",
    "Niemand stellt Zertifikate dieser Art aus, die ein Mailserver nicht braucht.",
  ),
  "caa-report": phrase(
    "Where authorities tell of orders that CAA forbids.",
    "Wohin Zertifizierungsstellen Bestellungen melden, die CAA verbietet.",
  ),
  "web-name": phrase(
    "Mail programs and other servers find our web door; an address record does as well.",
    "Mailprogramme und andere Server finden unsere Web-Tür; ein Adresseintrag tut es auch.",
  ),
  "mta-sts-id": phrase(
    "Others fetch our MTA-STS policy, and again when this id changes.",
    "Andere holen unsere MTA-STS-Richtlinie, und wieder, wenn sich diese Kennung ändert.",
  ),
  "mta-sts": phrase(
    "Only together with a policy at https://mta-sts.DOMAIN/.well-known/mta-sts.txt; with DNSSEC, TLSA records do the same better.",
    "Nur zusammen mit einer Richtlinie unter https://mta-sts.DOMAIN/.well-known/mta-sts.txt; mit DNSSEC leisten TLSA-Einträge dasselbe besser.",
  ),
} as const satisfies Readonly<Record<string, Phrase>>;
export type DnsAdvice = keyof typeof DNS_ADVICE;

export const STATE_WORDS = {
  ok: phrase("ok", "in Ordnung"),
  missing: phrase("missing", "fehlt"),
  different: phrase("different, there is: {found}", "anders, da ist: {found}"),
  unknown: phrase("unknown: {found}", "unbekannt: {found}"),
} as const;
export type DnsState = keyof typeof STATE_WORDS;
