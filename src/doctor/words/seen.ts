import { phrase, type Phrase } from "./phrase.ts";
import { POSTFIX_SEEN } from "./postfix-words.ts";

/** What was seen, where no protocol has a text for it. */
export const SEEN = {
  /** By a reason's own words. */
  reason: phrase("{reason}", "{reason}"),
  none: phrase("none", "keine"),
  absent: phrase("no {what}", "kein {what}"),
  neither: phrase("neither {one} nor {other}", "weder {one} noch {other}"),
  of: phrase("{count} of {max}", "{count} von {max}"),
  bits: phrase("{name}, {bits} bits", "{name}, {bits} Bit"),
  hours: phrase("{hours} h", "{hours} Std."),
  "days-until": phrase("{days} days, until {until}", "{days} Tage, bis {until}"),
  "from-to": phrase("{from} to {to}", "{from} bis {to}"),
  // Names and DNS
  "no-mail-host": phrase("no mail host", "kein Mailserver"),
  "null-mx": phrase("null MX", "Null-MX"),
  "server-until": phrase("{server}: {what} until {date}", "{server}: {what} bis {date}"),
  unsigned: phrase("not signed: nothing ends", "nicht signiert: nichts läuft ab"),
  "lists-some": phrase("{clean} clean; {silent} silent", "{clean} ohne Eintrag; {silent} stumm"),
  "lists-silent": phrase("{silent} silent", "{silent} stumm"),
  "no-https": phrase(
    "{host}: {reason}; settings over HTTP alone are not trusted",
    "{host}: {reason}; Einstellungen nur über HTTP wird nicht vertraut",
  ),
  // Who may send
  "terms-readable": phrase("all terms can be read", "alle Ausdrücke sind lesbar"),
  unneeded: phrase("no record, and none is needed", "kein Eintrag, und keiner ist nötig"),
  // Transport encryption
  doors: phrase("{open} of {count} doors", "{open} von {count} Türen"),
  refused: phrase("refused", "abgelehnt"),
  accepted: phrase("accepted", "angenommen"),
  unreadable: phrase("unreadable", "unlesbar"),
  times: phrase("{count} times", "{count}-mal"),
  "ended-after": phrase("ended after {count}", "nach {count} beendet"),
  "only-13": phrase("TLS 1.3 only", "nur TLS 1.3"),
  "another-version": phrase("another version", "eine andere Version"),
  "better-chosen": phrase("a better one is chosen", "Besseres wird gewählt"),
  "good-only": phrase("good ones only", "nur gute"),
  "no-fallback": phrase("nothing to fall back to", "nichts, worauf sich zurückfallen ließe"),
  method: phrase("method {number}", "Methode {number}"),
  curve: phrase("curve {number}", "Kurve {number}"),
  "early-octets": phrase("{octets} octets of early data", "{octets} Oktette an frühen Daten"),
  "no-tickets": phrase("no tickets: no session is resumed", "keine Tickets: keine Sitzung wird fortgesetzt"),
  "tls-first": phrase("TLS from the first octet", "TLS vom ersten Oktett an"),
  // How the server behaves
  "forms-refused": phrase("{count} forms refused", "{count} Formen abgelehnt"),
  "false-ends": phrase("{count} false ends are none", "{count} falsche Enden sind keine"),
  // Running this server
  "percent-free": phrase("{free} % free", "{free} % frei"),
  "none-outside": phrase("none outside the data directory", "keine außerhalb des Datenverzeichnisses"),
  waiting: phrase("{count} waiting, {hours} h", "{count} warten, {hours} Std."),
  "not-refused": phrase("from a stranger: not refused", "von einem Fremden: nicht abgelehnt"),
  examined: phrase("{hours} h ago, {outcome}", "vor {hours} Std., {outcome}"),
  newer: phrase("{version}; {newer} of {date}, {severity}", "{version}; {newer} vom {date}, {severity}"),
  flight: phrase(
    "{seconds} s (submission {submission}, queue {queue}, inbound {inbound}, reading {reading})",
    "{seconds} s (Einlieferung {submission}, Warteschlange {queue}, Annahme {inbound}, Lesen {reading})",
  ),
  "clock-follows": phrase("{now}, follows a time server", "{now}, folgt einem Zeitserver"),
  "clock-beside": phrase("{now}, {seconds} s from {host}", "{now}, {seconds} s neben {host}"),
  hints: phrase("{count} hints", "{count} Hinweise"),
  ...POSTFIX_SEEN,
} as const satisfies Readonly<Record<string, Phrase>>;

export type SeenId = keyof typeof SEEN;
/** A sentence of ours about what was seen, to be said in any language. */
export type Seen = { readonly seen: SeenId; readonly values: Readonly<Record<string, string>> };

export const seen = (id: SeenId, values: Seen["values"] = {}): Seen => ({ seen: id, values });

/** What a protocol or a system said instead, in words where they have one. */
export const seenReason = (reason: string): Seen => seen("reason", { reason });

/** `no MX`: `what` as the protocol calls it. */
export const absent = (what: string): Seen => seen("absent", { what });

/** Texts of a protocol side by side, as they are; never a sentence. */
export const verbatim = (...texts: readonly string[]): string =>
  texts.filter((text) => text !== "").join(" ");
