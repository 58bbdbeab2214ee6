import { phrase, type Phrase } from "./phrase.ts";

/** What parts of this program say of a failure or success, beside the log: known by its English words. */
export const PART_REASONS: readonly (readonly [pattern: RegExp, words: Phrase])[] = [
  // dns/examine-resolver.ts
  [
    /^(?<one>\S+) is authenticated; (?<other>\S+) is refused$/,
    phrase("{one} is authenticated; {other} is refused", "{one} ist beglaubigt; {other} wird abgelehnt"),
  ],
  [/^(?<one>\S+) is authenticated$/, phrase("{one} is authenticated", "{one} ist beglaubigt")],
  [/^(?<one>\S+) is refused$/, phrase("{one} is refused", "{one} wird abgelehnt")],
  [
    /^(?<one>\S+) is signed, and the answer is not marked as authenticated by a resolver on this machine$/,
    phrase(
      "{one} is signed, and the answer is not marked as authenticated by a resolver on this machine",
      "{one} ist signiert, und kein Resolver auf dieser Maschine kennzeichnet die Antwort als beglaubigt",
    ),
  ],
  [
    /^(?<one>\S+) has wrong signatures and is answered all the same$/,
    phrase(
      "{one} has wrong signatures and is answered all the same",
      "{one} hat falsche Signaturen und wird trotzdem beantwortet",
    ),
  ],
  [
    /^no answer for (?<one>\S+ \S+) \((?<other>[^)]*)\)$/,
    phrase("no answer for {one} ({other})", "keine Antwort auf {one} ({other})"),
  ],
  [
    /^(?<one>\S+) has no NS records here$/,
    phrase("{one} has no NS records here", "{one} hat hier keine NS-Einträge"),
  ],
  [/^(?<one>\S+) is not a name$/, phrase("{one} is not a name", "{one} ist kein Name")],
  // tls/dane.ts
  [
    /^the server showed no certificate$/,
    phrase("the server showed no certificate", "der Server zeigte kein Zertifikat"),
  ],
  [
    /^no TLSA record matches the certificate$/,
    phrase("no TLSA record matches the certificate", "kein TLSA-Eintrag passt zum Zertifikat"),
  ],
  [
    /^a certificate of the chain is not valid today: (?<one>.*)$/,
    phrase(
      "a certificate of the chain is not valid today: {one}",
      "ein Zertifikat der Kette gilt heute nicht: {one}",
    ),
  ],
  [
    /^the certificate names none of (?<one>.*)$/,
    phrase("the certificate names none of {one}", "das Zertifikat nennt nichts von {one}"),
  ],
  [
    /^no chain leads to a trust anchor of the TLSA records$/,
    phrase(
      "no chain leads to a trust anchor of the TLSA records",
      "keine Kette führt zu einem Vertrauensanker der TLSA-Einträge",
    ),
  ],
  // tls/fetch-text.ts
  [
    /^(?<one>\S+) has no address on the Internet$/,
    phrase("{one} has no address on the Internet", "{one} hat keine Adresse im Internet"),
  ],
  [/^the answer is (?<one>\S+)$/, phrase("the answer is {one}", "die Antwort ist {one}")],
  [/^the answer is not (?<one>.+)$/, phrase("the answer is not {one}", "die Antwort ist nicht {one}")],
  [
    /^the answer is longer than (?<one>\d+) KB$/,
    phrase("the answer is longer than {one} KB", "die Antwort ist länger als {one} KB"),
  ],
  [
    /^the answer broke off: (?<one>.*)$/,
    phrase("the answer broke off: {one}", "die Antwort brach ab: {one}"),
  ],
  [/^interim answers without end$/, phrase("interim answers without end", "vorläufige Antworten ohne Ende")],
  // tls/mta-sts-fetch.ts, tls/mta-sts-policy.ts
  [
    /^the name of the policy host is too long$/,
    phrase("the name of the policy host is too long", "der Name des Regel-Servers ist zu lang"),
  ],
  [/^longer than 64 KB$/, phrase("longer than 64 KB", "länger als 64 KB")],
  [/^a line without a colon$/, phrase("a line without a colon", "eine Zeile ohne Doppelpunkt")],
  [/^an mx that is no host name$/, phrase("an mx that is no host name", "ein mx, das kein Servername ist")],
  [/^version is not STSv1$/, phrase("version is not STSv1", "version ist nicht STSv1")],
  [
    /^mode is not enforce, testing or none$/,
    phrase("mode is not enforce, testing or none", "mode ist nicht enforce, testing oder none"),
  ],
  [
    /^max_age is not a number of seconds$/,
    phrase("max_age is not a number of seconds", "max_age ist keine Zahl von Sekunden"),
  ],
  [/^no mx$/, phrase("no mx", "kein mx")],
  // backup/restore-archive.ts
  [/^(?<one>\d+) messages$/, phrase("{one} messages", "{one} Nachrichten")],
];
