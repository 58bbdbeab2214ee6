import type { Mechanism } from "../sasl/exchange.ts";

export type CapabilityFacts = {
  readonly loggedIn: boolean;
  readonly startTls: boolean;
  readonly mechanisms: readonly Mechanism[];
  readonly appendSizeMax: number;
};

/** What a client may use before login; nothing that reads mail. */
const ALWAYS = ["IMAP4rev1", "IMAP4rev2", "LITERAL+", "SASL-IR", "ID", "ENABLE"];

const AFTER_LOGIN = [
  "IDLE",
  "NAMESPACE",
  "UIDPLUS",
  "MOVE",
  "UNSELECT",
  "CHILDREN",
  "SPECIAL-USE",
  "CREATE-SPECIAL-USE",
  "LIST-EXTENDED",
  "LIST-STATUS",
  "STATUS=SIZE",
  "ESEARCH",
  "SEARCHRES",
  "WITHIN",
  "PARTIAL",
  "MULTIAPPEND",
  "BINARY",
  "CONDSTORE",
  "QRESYNC",
  "OBJECTID",
  "SAVEDATE",
  "UTF8=ACCEPT",
  "QUOTA",
  "QUOTA=RES-STORAGE",
];

/** The capability list for a session's state. RFC 9051 §6.1.1 */
export function capabilities(facts: CapabilityFacts): string {
  if (facts.loggedIn) return [...ALWAYS, ...AFTER_LOGIN, `APPENDLIMIT=${facts.appendSizeMax}`].join(" ");
  // RFC 9051 §6.2.3, E-02: before TLS nobody may log in.
  const login =
    facts.mechanisms.length > 0
      ? facts.mechanisms.map((mechanism) => `AUTH=${mechanism}`)
      : ["LOGINDISABLED"];
  return [...ALWAYS, ...(facts.startTls ? ["STARTTLS"] : []), ...login].join(" ");
}
