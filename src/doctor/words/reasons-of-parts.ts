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
  // postfix/
  [/^no `name = value`$/, phrase("no `name = value`", "kein `Name = Wert`")],
  [/^a NUL character$/, phrase("a NUL character", "ein NUL-Zeichen")],
  [
    /^continues a line, but there is none before it$/,
    phrase("continues a line, but there is none before it", "setzt eine Zeile fort, aber davor ist keine"),
  ],
  [/^more than (?<one>\d+) lines$/, phrase("more than {one} lines", "mehr als {one} Zeilen")],
  [
    /^longer than (?<one>\d+) characters$/,
    phrase("longer than {one} characters", "länger als {one} Zeichen"),
  ],
  [
    /^a service has at least eight fields$/,
    phrase("a service has at least eight fields", "ein Dienst hat mindestens acht Felder"),
  ],
  [
    /^(?<one>\S+) is no type of service$/,
    phrase("{one} is no type of service", "{one} ist keine Art von Dienst"),
  ],
  [/^`-o` without `name=value`$/, phrase("`-o` without `name=value`", "`-o` ohne `Name=Wert`")],
  [
    /^grows beyond all bounds when expanded$/,
    phrase("grows beyond all bounds when expanded", "wächst beim Einsetzen über alle Grenzen"),
  ],
  [
    /^refers to itself or is nested too deeply$/,
    phrase(
      "refers to itself or is nested too deeply",
      "verweist auf sich selbst oder ist zu tief verschachtelt",
    ),
  ],
  [/^`(?<one>\S+)` is never closed$/, phrase("`{one}` is never closed", "`{one}` wird nie geschlossen")],
  [
    /^a `\$` without a name; write `\$\$` for a dollar$/,
    phrase(
      "a `$` without a name; write `$$` for a dollar",
      "ein `$` ohne Namen; für einen Dollar `$$` schreiben",
    ),
  ],
  [/^a reference without a name$/, phrase("a reference without a name", "ein Verweis ohne Namen")],
  [
    /^`(?<one>.*)` makes no sense behind a name$/s,
    phrase("`{one}` makes no sense behind a name", "`{one}` ergibt hinter einem Namen keinen Sinn"),
  ],
  [
    /^no comparison `\{a\} == \{b\} \? \{yes\} : \{no\}`$/,
    phrase("no comparison, such as a == b ? yes : no", "kein Vergleich wie a == b ? ja : nein"),
  ],
  [
    /^your server's address must be registered with (?<one>\S+)$/,
    phrase(
      "your server's address must be registered with {one}",
      "die Adresse Ihres Servers muss bei {one} angemeldet sein",
    ),
  ],
  [
    /^wants a key in front of the zone$/,
    phrase("wants a key in front of the zone", "will einen Schlüssel vor der Zone"),
  ],
  // dns/dead-lists.ts
  [
    /^decommissioned by (?<one>\S+) on (?<day>\d+) June (?<year>\d+), its zones are empty$/,
    phrase(
      "decommissioned by {one} on {day} June {year}, its zones are empty",
      "von {one} am {day}. Juni {year} stillgelegt, ihre Zonen sind leer",
    ),
  ],
  [
    /^(?<one>.+) was switched off on (?<day>\d+) January (?<year>\d+), its zone is empty$/,
    phrase(
      "{one} was switched off on {day} January {year}, its zone is empty",
      "{one} wurde am {day}. Januar {year} abgeschaltet, die Zone ist leer",
    ),
  ],
  [
    /^closed in (?<one>\d+) and listed everything afterwards$/,
    phrase(
      "closed in {one} and listed everything afterwards",
      "{one} geschlossen; danach stand alles darauf",
    ),
  ],
  [
    /^closed in (?<one>\d+) and lists everything$/,
    phrase("closed in {one} and lists everything", "{one} geschlossen; alles steht darauf"),
  ],
  [/^closed in (?<one>\d+)$/, phrase("closed in {one}", "{one} geschlossen")],
  [
    /^merged into (?<one>.+); its zone answers no more$/,
    phrase(
      "merged into {one}; its zone answers no more",
      "in {one} aufgegangen; ihre Zone antwortet nicht mehr",
    ),
  ],
  // backup/restore-archive.ts
  [/^(?<one>\d+) messages$/, phrase("{one} messages", "{one} Nachrichten")],
];
