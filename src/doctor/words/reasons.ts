import type { Language } from "../../journal/words/language.ts";
import { CHECKS } from "../checks.ts";
import { phrase, say, type Phrase } from "./phrase.ts";
import { PART_REASONS } from "./reasons-of-parts.ts";
import { ATTACK_LABELS, ATTACK_SEEN } from "./attack-seen.ts";

/** Why something could not be learned, by the word of the system, of OpenSSL, of the DNS or of a probe. */
export const REASONS: Readonly<Record<string, Phrase>> = {
  ECONNREFUSED: phrase("nobody listens there", "dort lauscht niemand"),
  ECONNRESET: phrase("the connection was reset", "die Verbindung wurde abgebrochen"),
  EPIPE: phrase("the connection was reset", "die Verbindung wurde abgebrochen"),
  ETIMEDOUT: phrase("no answer in time", "keine Antwort in der Zeit"),
  EHOSTUNREACH: phrase("there is no way to that machine", "es gibt keinen Weg zu dieser Maschine"),
  ENETUNREACH: phrase("there is no way to that network", "es gibt keinen Weg in dieses Netz"),
  EADDRNOTAVAIL: phrase("this machine has no such address", "diese Maschine hat keine solche Adresse"),
  EACCES: phrase("this machine forbids it", "diese Maschine verbietet es"),
  ENOENT: phrase("it does not exist", "das gibt es nicht"),
  ENOTDIR: phrase("it is no directory", "es ist kein Verzeichnis"),
  "no file": phrase("no file is in it", "keine Datei liegt darin"),
  "no resolver was asked": phrase("no resolver was asked", "kein Resolver wurde gefragt"),
  EMFILE: phrase("this machine has too many open files", "diese Maschine hat zu viele offene Dateien"),
  "no answer in time": phrase("no answer in time", "keine Antwort in der Zeit"),
  "no handshake in time": phrase("TLS did not come about in time", "TLS kam nicht in der Zeit zustande"),
  "the server closed the connection": phrase("the server hung up", "der Server legte auf"),
  "closed during the handshake": phrase(
    "the server hung up while TLS began",
    "der Server legte auf, als TLS begann",
  ),
  closed: phrase("the server hung up", "der Server legte auf"),
  "the server said too much": phrase(
    "the server did not stop talking",
    "der Server hörte nicht auf zu reden",
  ),
  "a reply without end": phrase("a reply without end", "eine Antwort ohne Ende"),
  "a reply with several codes": phrase("a reply with several codes", "eine Antwort mit mehreren Codes"),
  "not a reply of SMTP": phrase("no answer in the manner of SMTP", "keine Antwort nach Art von SMTP"),
  "no answer": phrase("no answer", "keine Antwort"),
  "no usable answer": phrase("no usable answer", "keine brauchbare Antwort"),
  "no answer among many lines": phrase("many lines and no answer", "viele Zeilen und keine Antwort"),
  "no capabilities": phrase("it does not say what it can do", "er sagt nicht, was er kann"),
  "no certificate": phrase("no certificate was shown", "kein Zertifikat wurde gezeigt"),
  "no handshake succeeds": phrase("TLS does not come about at all", "TLS kommt überhaupt nicht zustande"),
  "the answer is not TLS": phrase("what it answers is not TLS", "was er antwortet, ist kein TLS"),
  "a cipher that was not offered": phrase(
    "it chose what was not offered",
    "er wählte, was nicht angeboten war",
  ),
  "no ServerKeyExchange": phrase("it shows no key exchange", "er zeigt keinen Schlüsselaustausch"),
  "TLS 1.3 only": phrase("TLS 1.3 does not show it", "TLS 1.3 zeigt das nicht"),
  "a session nobody can read": phrase("a session nobody can read", "eine Sitzung, die niemand lesen kann"),
  "no address": phrase("no address is known", "keine Adresse ist bekannt"),
  "no record": phrase("there is no record", "es gibt keinen Eintrag"),
  "name too long": phrase("the name is too long", "der Name ist zu lang"),
  connect: phrase("no connection", "keine Verbindung"),
  greeting: phrase("no usable greeting", "keine brauchbare Begrüßung"),
  "starttls-missing": phrase("no STARTTLS", "kein STARTTLS"),
  handshake: phrase("TLS does not come about", "TLS kommt nicht zustande"),
  hello: phrase("an unexpected answer in TLS", "eine unerwartete Antwort in TLS"),
  refused: phrase("it was refused", "es wurde abgelehnt"),
  unknown: phrase("the reason is not known", "der Grund ist nicht bekannt"),
  ssl2: phrase("an answer in SSL 2.0", "eine Antwort in SSL 2.0"),
  reset: phrase("the name server does not listen", "der Nameserver lauscht nicht"),
  timeout: phrase("no answer from the name server", "keine Antwort vom Nameserver"),
  servfail: phrase(
    "the name server could not tell: servfail",
    "der Nameserver konnte es nicht sagen: servfail",
  ),
  formerr: phrase("the name server did not understand", "der Nameserver verstand die Frage nicht"),
  notimp: phrase("the name server cannot do that", "der Nameserver kann das nicht"),
  malformed: phrase("an answer nobody can read", "eine Antwort, die niemand lesen kann"),
  "alias-loop": phrase("aliases that lead in a circle", "Aliasse, die im Kreis führen"),
  "no-server": phrase("no name server is known", "kein Nameserver ist bekannt"),
  DEPTH_ZERO_SELF_SIGNED_CERT: phrase("it signed itself", "es hat sich selbst unterschrieben"),
  SELF_SIGNED_CERT_IN_CHAIN: phrase(
    "its authority is a private one",
    "seine Zertifizierungsstelle ist eine private",
  ),
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: phrase(
    "the certificate of its issuer is missing",
    "das Zertifikat des Ausstellers fehlt",
  ),
  UNABLE_TO_GET_ISSUER_CERT: phrase("its issuer is not known", "sein Aussteller ist nicht bekannt"),
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: phrase("its issuer is not known", "sein Aussteller ist nicht bekannt"),
  CERT_NOT_YET_VALID: phrase("it is not valid yet", "es gilt noch nicht"),
  queue: phrase("the queue", "die Warteschlange"),
  policy: phrase("the rules", "die Regeln"),
  accounts: phrase("the accounts", "die Konten"),
  "no --account": phrase("no --account is given", "kein --account ist angegeben"),
  "no domain": phrase("there is no domain", "es gibt keine Domain"),
  "nobody is greeted any more": phrase("nobody is greeted any more", "niemand wird mehr begrüßt"),
  "socket hang up": phrase("the server hung up", "der Server legte auf"),
  ENOTFOUND: phrase("the name is in no DNS", "der Name steht in keinem DNS"),
  EAI_AGAIN: phrase("no answer from the name server", "keine Antwort vom Nameserver"),
  "the answer is too long": phrase("the answer is too long", "die Antwort ist zu lang"),
  "self-signed certificate": phrase(
    "its certificate signed itself",
    "sein Zertifikat hat sich selbst unterschrieben",
  ),
  "self-signed certificate in certificate chain": phrase(
    "its authority is a private one",
    "seine Zertifizierungsstelle ist eine private",
  ),
  "unable to get local issuer certificate": phrase(
    "its issuer is not known",
    "sein Aussteller ist nicht bekannt",
  ),
  "unable to verify the first certificate": phrase(
    "the certificate of its issuer is missing",
    "das Zertifikat des Ausstellers fehlt",
  ),
  "certificate has expired": phrase("its certificate is over", "sein Zertifikat ist abgelaufen"),
  "certificate is not yet valid": phrase(
    "its certificate is not valid yet",
    "sein Zertifikat gilt noch nicht",
  ),
};

const DETAILED: Patterns = [
  [
    /^probe failed: (?<detail>.+)$/,
    phrase("a fault of the doctor itself: {detail}", "ein Fehler des Doctors selbst: {detail}"),
  ],
  [
    /^rcode-(?<detail>\d+)$/,
    phrase("the name server says code {detail}", "der Nameserver sagt Code {detail}"),
  ],
  [/^(?<detail>(?:ERR_|E|HPE_)[A-Z0-9_]+)$/, phrase("the system says {detail}", "das System sagt {detail}")],
  [
    /^(?<detail>[2-5]\d\d(?: .*)?)$/s,
    phrase("the server answers: {detail}", "der Server antwortet: {detail}"),
  ],
];

/** A reply of a server, or the name a system has for an error: evidence as it stands. */
export const isOfProtocol = (reason: string): boolean => /^[2-5]\d\d(?: |$)|^[A-Z][A-Z0-9_]+$/.test(reason);

const SEVERAL = " | ";

/** The reason in words, or each of several; what a server said itself stays as it is. */
export function reasonInWords(reason: string, language: Language): string {
  return reason
    .split(SEVERAL)
    .map((one) => inWords(one, language))
    .join(SEVERAL);
}

/** `connect ECONNREFUSED 192.0.2.1:443`, as Node tells it. */
const SYSTEM_CALL = /^(?:connect|read|write|getaddrinfo) (E[A-Z_]+)\b/;

function inWords(text: string, language: Language): string {
  const reason = SYSTEM_CALL.exec(text)?.[1] ?? text;
  const known = Object.hasOwn(REASONS, reason) ? REASONS[reason] : undefined;
  if (known !== undefined) return known[language];
  if (Object.hasOwn(CHECKS, reason)) {
    const title = CHECKS[reason as keyof typeof CHECKS].title[language];
    return say(phrase("first “{title}” has to be settled", "zuerst ist „{title}“ zu klären"), language, {
      title,
    });
  }
  const detailed = byPattern(reason, [...DETAILED, ...PART_REASONS, ...ATTACK_SEEN], language);
  return detailed ?? labelled(reason, language) ?? reason;
}

type Patterns = readonly (readonly [pattern: RegExp, words: Phrase])[];

/** In the words of the first pattern that fits; a `reason` inside has words of its own. */
function byPattern(text: string, patterns: Patterns, language: Language): string | undefined {
  for (const [pattern, words] of patterns) {
    const found = pattern.exec(text);
    if (found === null) continue;
    const inner = found.groups?.["reason"];
    return say(words, language, {
      ...found.groups,
      ...(inner === undefined ? {} : { reason: evidenceInWords(inner, language) }),
    });
  }
  return undefined;
}

/** `two lengths: 400 Bad Request`, `SEARCH SUBJECT {400000}: it waits`; undefined where neither half has words. */
function labelled(text: string, language: Language): string | undefined {
  const at = text.indexOf(": ");
  if (at < 0) return undefined;
  const [label, rest] = [text.slice(0, at), text.slice(at + 2)];
  const words = Object.hasOwn(ATTACK_LABELS, label) ? ATTACK_LABELS[label] : undefined;
  const inWords = evidenceInWords(rest, language);
  return words === undefined && inWords === rest ? undefined : `${words?.[language] ?? label}: ${inWords}`;
}

/** As evidence: a reply of a server or a name of the system's stays as it is. */
export const evidenceInWords = (reason: string, language: Language): string =>
  reason
    .split(SEVERAL)
    .map(
      (one) =>
        // A number of chunks looks like a code.
        byPattern(one, ATTACK_SEEN, language) ?? (isOfProtocol(one) ? one : inWords(one, language)),
    )
    .join(SEVERAL);
