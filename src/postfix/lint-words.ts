import type { Words } from "../journal/words/language.ts";

/** What is the matter, why that is bad, and what to do; values stand in braces, `{reason}` is a sentence of another part. */
export type LintWords = { readonly what: Words; readonly why: Words; readonly remedy: Words };

type Pair = readonly [en: string, de: string];
const words = (
  [what, was]: Pair,
  [why, warum]: Pair,
  [remedy, abhilfe = remedy]: Pair | [string],
): LintWords => ({
  what: { en: what, de: was },
  why: { en: why, de: warum },
  remedy: { en: remedy, de: abhilfe },
});

const BEFORE_CONTROL: Pair = [
  "{rule} stands before the refusal of foreign destinations",
  "{rule} steht vor der Ablehnung fremder Ziele",
];
const BEHIND: Pair = ["put it behind reject_unauth_destination", "hinter reject_unauth_destination stellen"];
const SINGLE_MACHINES: Pair = [
  "name single machines, and let people log in",
  "einzelne Maschinen nennen, und Menschen sich anmelden lassen",
];
const BACKSCATTER: Pair = [
  "mail to names nobody has is accepted; what cannot be delivered goes back to forged senders (backscatter)",
  "Mail an Namen, die niemand hat, wird angenommen; was nicht zustellbar ist, geht an gefälschte Absender zurück (Backscatter)",
];
const OLD_SUITES: Pair = [
  "suites without forward secrecy or AEAD remain possible",
  "Verfahren ohne Forward Secrecy oder AEAD bleiben möglich",
];

/** Everything `lint postfix` finds. */
export const LINT_WORDS = {
  // Relaying
  "relay-domains-everything": words(
    [
      "relay_domains = {value} makes every domain a destination",
      "relay_domains = {value} macht jede Domain zum Ziel",
    ],
    [
      "reject_unauth_destination and permit_auth_destination then let everything through: an open relay",
      "reject_unauth_destination und permit_auth_destination lassen dann alles durch: ein offenes Relay",
    ],
    ["name the domains, or leave relay_domains empty", "die Domains nennen oder relay_domains leer lassen"],
  ),
  "open-relay": words(
    [
      "neither smtpd_relay_restrictions nor smtpd_recipient_restrictions refuses strangers' mail to foreign domains",
      "weder smtpd_relay_restrictions noch smtpd_recipient_restrictions lehnt Mail von Fremden an fremde Domains ab",
    ],
    [
      "anyone can send to anyone through this server; it will be listed within days",
      "jeder kann über diesen Server an jeden senden; in wenigen Tagen steht er auf Sperrlisten",
    ],
    ["smtpd_relay_restrictions = permit_mynetworks, permit_sasl_authenticated, reject_unauth_destination"],
  ),
  "permit-mx-backup": words(
    BEFORE_CONTROL,
    [
      "whoever points an MX at this server can relay through it",
      "wer einen MX auf diesen Server zeigen lässt, kann über ihn senden",
    ],
    BEHIND,
  ),
  "table-before-relay-control": words(
    BEFORE_CONTROL,
    [
      "an OK in it lets that client or sender relay anywhere; sender addresses are forged at will",
      "ein OK darin lässt diesen Client oder Absender überallhin senden; Absenderadressen lassen sich beliebig fälschen",
    ],
    BEHIND,
  ),
  "mynetworks-neighbours": words(
    ["mynetworks_style is {style}", "mynetworks_style ist {style}"],
    [
      "every machine of the same network may relay; at a hoster these are strangers",
      "jede Maschine im selben Netz darf senden; bei einem Hoster sind das Fremde",
    ],
    ["mynetworks_style = host"],
  ),
  "mynetworks-all": words(
    ["mynetworks trusts {network}", "mynetworks vertraut {network}"],
    [
      "every address there may relay without login: an open relay",
      "jede Adresse dort darf ohne Anmeldung senden: ein offenes Relay",
    ],
    SINGLE_MACHINES,
  ),
  "mynetworks-wide": words(
    ["mynetworks trusts {network}", "mynetworks vertraut {network}"],
    [
      "one infected machine among so many sends in your name; behind a container's proxy every client may seem to come from there",
      "eine befallene Maschine unter so vielen sendet in Ihrem Namen; hinter dem Proxy eines Containers scheint jeder Client von dort zu kommen",
    ],
    SINGLE_MACHINES,
  ),
  "recipient-maps-empty": words(
    ["local_recipient_maps is empty", "local_recipient_maps ist leer"],
    BACKSCATTER,
    [
      "remove the line, so that unknown recipients are refused at RCPT",
      "die Zeile entfernen, damit unbekannte Empfänger bei RCPT abgelehnt werden",
    ],
  ),
  "luser-relay": words(
    ["luser_relay takes mail for unknown users", "luser_relay nimmt Mail für unbekannte Benutzer an"],
    BACKSCATTER,
    ["remove luser_relay", "luser_relay entfernen"],
  ),
  // TLS and passwords
  "tls-old-versions": words(
    ["{name} allows {versions}", "{name} erlaubt {versions}"],
    [
      "these versions are broken or withdrawn (RFC 8996)",
      "diese Versionen sind gebrochen oder zurückgezogen (RFC 8996)",
    ],
    ["{name} = >=TLSv1.2"],
  ),
  "tls-weak-ciphers": words(["{name} = {grade}", "{name} = {grade}"], OLD_SUITES, ["{name} = high"]),
  "tls-old-suites": words(
    ["tls_high_cipherlist names old suites", "tls_high_cipherlist nennt alte Verfahren"],
    OLD_SUITES,
    [
      "remove tls_high_cipherlist; the default of a current Postfix is good",
      "tls_high_cipherlist entfernen; die Vorgabe eines aktuellen Postfix ist gut",
    ],
  ),
  "tls-certificate-of-nobody": words(
    ["the certificate is Debian's snakeoil", "das Zertifikat ist Debians snakeoil"],
    ["nobody can verify it", "niemand kann es prüfen"],
    ["take one from an ACME authority", "eines von einer ACME-Zertifizierungsstelle nehmen"],
  ),
  "tls-not-offered": words(
    ["incoming mail is taken without offering TLS", "eingehende Mail wird angenommen, ohne TLS anzubieten"],
    ["everyone on the way can read and change it", "jeder auf dem Weg kann sie lesen und ändern"],
    [
      "smtpd_tls_security_level = may, with a certificate",
      "smtpd_tls_security_level = may, mit einem Zertifikat",
    ],
  ),
  "tls-not-used": words(
    ["outgoing mail never uses TLS", "ausgehende Mail nutzt nie TLS"],
    ["everyone on the way can read and change it", "jeder auf dem Weg kann sie lesen und ändern"],
    ["smtp_tls_security_level = dane, or may", "smtp_tls_security_level = dane, oder may"],
  ),
  "auth-without-tls": words(
    ["AUTH is offered without TLS", "AUTH wird ohne TLS angeboten"],
    ["passwords cross the network readable", "Passwörter gehen lesbar durchs Netz"],
    ["smtpd_tls_auth_only = yes"],
  ),
  "auth-anonymous": words(
    ["anonymous logins are not excluded", "anonyme Anmeldungen sind nicht ausgeschlossen"],
    ["whoever logs in as nobody may relay", "wer sich als niemand anmeldet, darf senden"],
    ["smtpd_sasl_security_options = noanonymous"],
  ),
  "relay-password-without-tls": words(
    [
      "the password of the next hop may travel without TLS",
      "das Passwort für den nächsten Server kann ohne TLS übertragen werden",
    ],
    [
      "smtp_tls_security_level does not demand it ({level})",
      "smtp_tls_security_level verlangt es nicht ({level})",
    ],
    ["smtp_tls_security_level = secure"],
  ),
  // Lists of restrictions
  "old-name": words(
    ["{written} is called {name} today", "{written} heißt heute {name}"],
    ["old names may go at any release", "alte Namen können mit jeder Version wegfallen"],
    ["write {name}", "{name} schreiben"],
  ),
  "unknown-restriction": words(
    ["{name} is no restriction of Postfix", "{name} ist keine Regel von Postfix"],
    [
      "Postfix defers all mail when it meets an unknown word",
      "Postfix verschiebt alle Mail, wenn es auf ein unbekanntes Wort trifft",
    ],
    ["correct or remove it", "berichtigen oder entfernen"],
  ),
  "argument-missing": words(
    ["{name} has no argument", "{name} hat kein Argument"],
    [
      "Postfix defers all mail when it comes to this rule",
      "Postfix verschiebt alle Mail, wenn es zu dieser Regel kommt",
    ],
    ["add it", "ergänzen"],
  ),
  "helo-not-required": words(
    ["{name} without smtpd_helo_required", "{name} ohne smtpd_helo_required"],
    ["a client that says no HELO passes it", "ein Client, der kein HELO sagt, kommt daran vorbei"],
    ["smtpd_helo_required = yes"],
  ),
  "berkeley-db": words(
    ["{table} needs Berkeley DB", "{table} braucht Berkeley DB"],
    [
      "current distributions build Postfix without it",
      "aktuelle Distributionen bauen Postfix ohne Berkeley DB",
    ],
    ["use lmdb: or texthash:", "lmdb: oder texthash: nehmen"],
  ),
  "dead-zone": words(
    ["{zone} is gone", "{zone} gibt es nicht mehr"],
    ["nobody keeps it up any more: {reason}", "niemand pflegt sie mehr: {reason}"],
    ["remove {rule}", "{rule} entfernen"],
  ),
  "zone-needs": words(
    ["{zone} does not serve everyone", "{zone} bedient nicht jeden"],
    ["it has a condition: {reason}", "sie stellt eine Bedingung: {reason}"],
    ["register or remove it", "anmelden oder entfernen"],
  ),
  "dnswl-unfiltered": words(
    ["{rule} accepts any answer", "{rule} nimmt jede Antwort"],
    [
      'the answer "you ask too much" lets everyone in and skips all rules behind it',
      "die Antwort „Sie fragen zu viel“ lässt jeden herein und überspringt alle Regeln dahinter",
    ],
    ["{rule}=127.0.[0..9;11..255].[1..3]"],
  ),
  "rbl-unfiltered": words(
    ["{rule} refuses on any answer", "{rule} lehnt bei jeder Antwort ab"],
    [
      "lists answer 127.255.255.x to say that they do not serve you; then all mail is refused",
      "Listen antworten 127.255.255.x, wenn sie Sie nicht bedienen; dann wird alle Mail abgelehnt",
    ],
    [
      "{rule}=127.0.0.[2..11], with the codes the list documents",
      "{rule}=127.0.0.[2..11], mit den Codes, die die Liste nennt",
    ],
  ),
  "site-unfiltered": words(
    ["{zone} counts whatever it answers", "{zone} zählt, was immer sie antwortet"],
    [
      "lists answer 127.255.255.x to say that they do not serve you",
      "Listen antworten 127.255.255.x, wenn sie Sie nicht bedienen",
    ],
    [
      "{zone}=127.0.0.2, with the codes the list documents",
      "{zone}=127.0.0.2, mit den Codes, die die Liste nennt",
    ],
  ),
  "unreachable-rule": words(
    ["{rule} in {list} is never reached", "{rule} in {list} wird nie erreicht"],
    ["{ending} before it ends the list", "{ending} davor beendet die Liste"],
    ["move it up or remove it", "nach oben stellen oder entfernen"],
  ),
  "repeated-rule": words(
    ["{rule} stands twice in {list}", "{rule} steht zweimal in {list}"],
    ["the second never decides anything", "die zweite entscheidet nie etwas"],
    ["remove it", "entfernen"],
  ),
  "only-logged": words(
    ["{rule} is only logged", "{rule} wird nur protokolliert"],
    ["warn_if_reject stands before it", "warn_if_reject steht davor"],
    [
      "remove warn_if_reject once it has proved itself",
      "warn_if_reject entfernen, wenn sich die Regel bewährt hat",
    ],
  ),
  "sender-not-owned": words(
    ["whoever logs in may use any sender address", "wer sich anmeldet, darf jede Absenderadresse verwenden"],
    [
      "no reject_sender_login_mismatch: one stolen password sends in everybody's name",
      "kein reject_sender_login_mismatch: Ein gestohlenes Passwort sendet in jedermanns Namen",
    ],
    [
      "smtpd_sender_restrictions = reject_sender_login_mismatch, … with smtpd_sender_login_maps",
      "smtpd_sender_restrictions = reject_sender_login_mismatch, … mit smtpd_sender_login_maps",
    ],
  ),
  // Limits, smuggling, and what strangers are told
  "smuggling-bare-newline": words(
    ["lines may end with LF alone", "Zeilen dürfen mit LF allein enden"],
    [
      "a second message can be smuggled in behind <LF>.<LF>",
      "hinter <LF>.<LF> lässt sich eine zweite Nachricht einschmuggeln",
    ],
    ["smtpd_forbid_bare_newline = normalize"],
  ),
  "smuggling-not-set": words(
    ["smtpd_forbid_bare_newline is not set", "smtpd_forbid_bare_newline ist nicht gesetzt"],
    [
      "before Postfix 3.9 its default allows SMTP smuggling",
      "vor Postfix 3.9 erlaubt die Vorgabe SMTP-Smuggling",
    ],
    [
      "smtpd_forbid_bare_newline = normalize (yes on 3.5 to 3.8)",
      "smtpd_forbid_bare_newline = normalize (yes bei 3.5 bis 3.8)",
    ],
  ),
  "unauth-pipelining": words(
    ["commands sent ahead of time are taken", "vorzeitig gesendete Befehle werden angenommen"],
    ["smugglers and spam programs live on it", "Schmuggler und Spamprogramme leben davon"],
    ["smtpd_forbid_unauth_pipelining = yes"],
  ),
  vrfy: words(
    ["VRFY tells strangers which addresses exist", "VRFY sagt Fremden, welche Adressen es gibt"],
    ["lists of addresses are collected by it", "damit werden Adresslisten gesammelt"],
    ["disable_vrfy_command = yes"],
  ),
  "soft-bounce": words(
    [
      "soft_bounce turns every refusal into a delay",
      "soft_bounce macht aus jeder Ablehnung eine Verzögerung",
    ],
    [
      "spam comes again for days, and senders of mistyped addresses hear nothing",
      "Spam kommt tagelang wieder, und wer sich in der Adresse vertippt, hört nichts",
    ],
    ["remove soft_bounce", "soft_bounce entfernen"],
  ),
  "no-size-limit": words(
    ["messages may be of any size", "Nachrichten dürfen beliebig groß sein"],
    ["one message can fill the disk", "eine Nachricht kann die Platte füllen"],
    ["message_size_limit = 52428800"],
  ),
  "no-connection-limit": words(
    ["one client may open any number of connections", "ein Client darf beliebig viele Verbindungen öffnen"],
    ["a single machine can shut everyone else out", "eine einzige Maschine kann alle anderen aussperren"],
    ["smtpd_client_connection_count_limit = 50"],
  ),
  "limits-for-nobody": words(
    ["limits per client hold for nobody", "Grenzen je Client gelten für niemanden"],
    ["a single machine can shut everyone else out", "eine einzige Maschine kann alle anderen aussperren"],
    ["remove smtpd_client_event_limit_exceptions", "smtpd_client_event_limit_exceptions entfernen"],
  ),
  "no-rate-limit": words(
    ["connections per minute are not limited", "Verbindungen je Minute sind nicht begrenzt"],
    [
      "floods and guessing of passwords go unhindered",
      "Fluten und das Raten von Passwörtern bleiben ungehindert",
    ],
    ["smtpd_client_connection_rate_limit = 60"],
  ),
  "early-reject": words(
    ["refusals come before the recipient is known", "abgelehnt wird, bevor der Empfänger bekannt ist"],
    ["the log does not say whose mail was refused", "das Protokoll sagt nicht, wessen Mail abgelehnt wurde"],
    ["smtpd_delay_reject = yes"],
  ),
  "unknown-recipients-accepted": words(
    ["unknown recipients are not refused", "unbekannte Empfänger werden nicht abgelehnt"],
    [
      "what cannot be delivered goes back to forged senders (backscatter)",
      "was nicht zustellbar ist, geht an gefälschte Absender zurück (Backscatter)",
    ],
    ["smtpd_reject_unlisted_recipient = yes"],
  ),
  // The files as such
  syntax: words(
    ["{reason}", "{reason}"],
    ["Postfix stops or ignores the line", "Postfix hält an oder übergeht die Zeile"],
    ["correct or remove it", "berichtigen oder entfernen"],
  ),
  "syntax-of-value": words(
    ["{name}: {reason}", "{name}: {reason}"],
    ["its value is not what it looks like", "der Wert ist nicht, wonach er aussieht"],
    ["correct it", "berichtigen"],
  ),
  "set-twice": words(
    ["{name} is set again in line {line}", "{name} wird in Zeile {line} noch einmal gesetzt"],
    ["only the last counts", "nur das letzte zählt"],
    ["remove one of them", "eines davon entfernen"],
  ),
  "undefined-name": words(
    ["${name} in {setting} is defined nowhere here", "${name} in {setting} ist hier nirgends festgelegt"],
    [
      "a built-in of Postfix, or nothing: it expands to nothing",
      "etwas Eingebautes von Postfix oder nichts: Es wird durch nichts ersetzt",
    ],
    ["define or remove it", "festlegen oder entfernen"],
  ),
} as const satisfies Readonly<Record<string, LintWords>>;

export type LintWord = keyof typeof LINT_WORDS;

/** Where several sentences go by one name for scripts. */
const IDS: Partial<Readonly<Record<LintWord, string>>> = {
  "mynetworks-all": "mynetworks-wide",
  "recipient-maps-empty": "unknown-recipients-accepted",
  "luser-relay": "unknown-recipients-accepted",
  "tls-old-suites": "tls-weak-ciphers",
  "site-unfiltered": "rbl-unfiltered",
  "limits-for-nobody": "no-connection-limit",
  "syntax-of-value": "syntax",
};
export const lintId = (word: LintWord): string => IDS[word] ?? word;
