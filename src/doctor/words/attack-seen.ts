import { phrase, type Phrase } from "./phrase.ts";

/** What a case of the attack calls what it sent. */
export const ATTACK_LABELS: Readonly<Record<string, Phrase>> = {
  "a field of 30,000 octets": phrase("a field of 30,000 octets", "ein Feld von 30 000 Oktetten"),
  "an address of 4,000 octets": phrase("an address of 4,000 octets", "eine Adresse von 4000 Oktetten"),
  "a body of 200,000 octets": phrase("a body of 200,000 octets", "ein Rumpf von 200 000 Oktetten"),
  "chunks of 160,000 octets": phrase("chunks of 160,000 octets", "Stücke von 160 000 Oktetten"),
  "a length of 100 TB": phrase("a length of 100 TB", "eine Länge von 100 TB"),
  "two lengths": phrase("two lengths", "zwei Längen"),
  "two Content-Lengths": phrase("two Content-Lengths", "zwei Content-Length"),
  "a GET with a body": phrase("a GET with a body", "ein GET mit Rumpf"),
  "a space before the colon": phrase("a space before the colon", "ein Leerzeichen vor dem Doppelpunkt"),
  "no Host": phrase("no Host", "kein Host"),
  "brackets inside each other": phrase("brackets inside each other", "Klammern ineinander"),
  "messages inside each other": phrase("messages inside each other", "Nachrichten ineinander"),
  parts: phrase("parts", "Teile"),
  "letters of the name": phrase("letters of the name", "Buchstaben des Namens"),
  "addresses shown": phrase("addresses shown", "gezeigte Adressen"),
  "2,000 brackets": phrase("2,000 brackets", "2000 Klammern"),
  "12,000 ranges": phrase("12,000 ranges", "12 000 Bereiche"),
  "a number beyond 32 bits": phrase("a number beyond 32 bits", "eine Zahl jenseits von 32 Bit"),
  "a number beyond 64 bits": phrase("a number beyond 64 bits", "eine Zahl jenseits von 64 Bit"),
  zero: phrase("zero", "null"),
  "700 wildcards": phrase("700 wildcards", "700 Platzhalter"),
  "80 patterns": phrase("80 patterns", "80 Muster"),
  "300 keywords": phrase("300 keywords", "300 Schlagworte"),
  "a path of 500 parts": phrase("a path of 500 parts", "ein Pfad von 500 Teilen"),
  "500 items": phrase("500 items", "500 Posten"),
  "400 header fields": phrase("400 header fields", "400 Kopffelder"),
  "a path": phrase("a path", "ein Pfad"),
  "another user by ~": phrase("another user by ~", "ein anderer Benutzer mit ~"),
  "another user by #": phrase("another user by #", "ein anderer Benutzer mit #"),
  "a path to make": phrase("a path to make", "ein Pfad zum Anlegen"),
  "a level of dots": phrase("a level of dots", "eine Ebene aus Punkten"),
  "a bare LF by DATA": phrase("a bare LF by DATA", "ein einzelnes LF mit DATA"),
  "a bare LF by BDAT": phrase("a bare LF by BDAT", "ein einzelnes LF mit BDAT"),
  "a bare CR by DATA": phrase("a bare CR by DATA", "ein einzelnes CR mit DATA"),
  "a bare CR by BDAT": phrase("a bare CR by BDAT", "ein einzelnes CR mit BDAT"),
  "a NUL by DATA": phrase("a NUL by DATA", "ein NUL mit DATA"),
  "a NUL by BDAT": phrase("a NUL by BDAT", "ein NUL mit BDAT"),
  "gzip in gzip": phrase("gzip in gzip", "gzip in gzip"),
  entities: phrase("entities", "Entitäten"),
  "a DTD was read": phrase("a DTD was read", "eine DTD wurde gelesen"),
  "a wrong password": phrase("a wrong password", "ein falsches Passwort"),
  "the login failed": phrase("the login failed", "die Anmeldung gelang nicht"),
  "everybody exists here": phrase("everybody exists here", "hier gibt es jeden"),
  "taken in silence": phrase("taken in silence", "schweigend angenommen"),
  "no answer": phrase("no answer", "keine Antwort"),
  missing: phrase("missing", "es fehlen"),
};

/** What a case of the attack saw; `reason` is a text that has words of its own. */
export const ATTACK_SEEN: readonly (readonly [pattern: RegExp, words: Phrase])[] = [
  [/^it hung up$/, phrase("it hung up", "er legte auf")],
  [
    /^it hung up after (?<one>\d+) s: (?<reason>.*)$/,
    phrase("it hung up after {one} s: {reason}", "er legte nach {one} s auf: {reason}"),
  ],
  [/^it hung up after (?<one>\d+) s$/, phrase("it hung up after {one} s", "er legte nach {one} s auf")],
  [
    /^it hung up after (?<one>\d+) wrong logins$/,
    phrase("it hung up after {one} wrong logins", "er legte nach {one} falschen Anmeldungen auf"),
  ],
  [
    /^it hung up after (?<one>\d+) errors$/,
    phrase("it hung up after {one} errors", "er legte nach {one} Fehlern auf"),
  ],
  [
    /^it still waits after (?<one>\d+) s$/,
    phrase("it still waits after {one} s", "er wartet nach {one} s noch immer"),
  ],
  [
    /^it waits for a thousand terabytes$/,
    phrase("it waits for a thousand terabytes", "er wartet auf tausend Terabyte"),
  ],
  [/^it waits for the literal$/, phrase("it waits for the literal", "er wartet auf das Literal")],
  [/^it waits$/, phrase("it waits", "er wartet")],
  [/^two answers$/, phrase("two answers", "zwei Antworten")],
  [
    /^it read 40,000 octets of one line: (?<reason>.*)$/,
    phrase("it read 40,000 octets of one line: {reason}", "er las 40 000 Oktette einer Zeile: {reason}"),
  ],
  [/^it hung up at once$/, phrase("it hung up at once", "er legte sofort auf")],
  [/^(?<reason>.*), then it hung up$/, phrase("{reason}, then it hung up", "{reason}, dann legte er auf")],
  [
    /^(?<one>\d+) wrong logins in one session$/,
    phrase("{one} wrong logins in one session", "{one} falsche Anmeldungen in einer Sitzung"),
  ],
  [
    /^(?<one>\d+) errors in one session$/,
    phrase("{one} errors in one session", "{one} Fehler in einer Sitzung"),
  ],
  [
    /^(?<one>\d+) malformed commands in one session$/,
    phrase("{one} malformed commands in one session", "{one} missgebildete Befehle in einer Sitzung"),
  ],
  [
    /^(?<reason>.*), after (?<one>\d+) errors$/,
    phrase("{reason}, after {one} errors", "{reason}, nach {one} Fehlern"),
  ],
  [
    /^(?<reason>.*), after (?<one>\d+) commands$/,
    phrase("{reason}, after {one} commands", "{reason}, nach {one} Befehlen"),
  ],
  [
    /^(?<one>\d+) chunks, then (?<reason>.*)$/,
    phrase("{one} chunks, then {reason}", "{one} Blöcke, dann {reason}"),
  ],
  [/^(?<one>\d+) chunks of one octet$/, phrase("{one} chunks of one octet", "{one} Blöcke von einem Oktett")],
  [
    /^(?<one>\d+) taken, then (?<reason>.*)$/,
    phrase("{one} taken, then {reason}", "{one} angenommen, dann {reason}"),
  ],
  [
    /^(?<one>\d+) recipients of one message$/,
    phrase("{one} recipients of one message", "{one} Empfänger einer Nachricht"),
  ],
  [
    /^(?<one>\d+) octets became (?<other>\d+)$/,
    phrase("{one} octets became {other}", "aus {one} Oktetten wurden {other}"),
  ],
  [/^(?<one>\d+) names: (?<reason>.*)$/, phrase("{one} names: {reason}", "{one} Namen: {reason}")],
  [
    /^known (?<one>\d+) ms, unknown (?<other>\d+) ms$/,
    phrase("known {one} ms, unknown {other} ms", "bekannt {one} ms, unbekannt {other} ms"),
  ],
  [/^(?<reason>.*) \(else: (?<other>.*)\)$/, phrase("{reason} (else: {other})", "{reason} (sonst: {other})")],
  [
    /^(?<reason>.*); the other: (?<other>.*)$/,
    phrase("{reason}; the other: {other}", "{reason}; der andere: {other}"),
  ],
  [/^IMAP is not served$/, phrase("IMAP is not served", "IMAP wird nicht angeboten")],
  [
    /^the message could not be taken away again$/,
    phrase("the message could not be taken away again", "die Nachricht ließ sich nicht wieder entfernen"),
  ],
  [
    /^the message was taken and is not in the mailbox$/,
    phrase(
      "the message was taken and is not in the mailbox",
      "die Nachricht wurde angenommen und ist nicht im Postfach",
    ),
  ],
  [/^no answer to (?<one>.*)$/, phrase("no answer to {one}", "keine Antwort auf {one}")],
  [
    /^a header of 3 MB was taken$/,
    phrase("a header of 3 MB was taken", "ein Kopf von 3 MB wurde angenommen"),
  ],
  [/^stored and shown as sent$/, phrase("stored and shown as sent", "gespeichert und gezeigt, wie gesendet")],
  [/^searched$/, phrase("searched", "durchsucht")],
  [/^removed$/, phrase("removed", "entfernt")],
  [/^bomb$/, phrase("bomb", "eine Bombe")],
  [/^damaged$/, phrase("damaged", "beschädigt")],
  [
    /^XML with entities of its own was read$/,
    phrase("XML with entities of its own was read", "XML mit eigenen Entitäten wurde gelesen"),
  ],
  [/^a policy for (?<one>\S+)$/, phrase("a policy for {one}", "eine Richtlinie für {one}")],
  [
    /^all security headers are sent$/,
    phrase("all security headers are sent", "alle Sicherheitskopffelder werden gesendet"),
  ],
];
