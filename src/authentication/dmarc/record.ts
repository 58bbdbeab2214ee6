import { asciiLower } from "../../base/ascii.ts";

export type Requested = "none" | "quarantine" | "reject";

/** A DMARC policy record with its defaults filled in. RFC 9989 §4.7 */
export type DmarcRecord = {
  readonly p: Requested;
  readonly sp?: Requested;
  readonly np?: Requested;
  readonly psd: "y" | "n" | "u";
  readonly testing: boolean;
  readonly adkim: "r" | "s";
  readonly aspf: "r" | "s";
  /** Where aggregate reports are wanted, as written. */
  readonly rua: readonly string[];
  /** p= was missing or unknown, and none was assumed because reports are wanted. */
  readonly assumedNone: boolean;
};

/** Octets of a record that are read; real ones have 100 to 500. */
const RECORD_OCTETS_MAX = 4_096;
const TAGS_MAX = 50;
const REPORT_URIS_MAX = 10;

/**
 * Reads a TXT record. Undefined: it is no DMARC record, or one that says nothing usable. Unknown tags (pct, rf, ri of
 * RFC 7489 among them) are passed over. RFC 9989 §4.7, §4.8
 *
 *   dmarc-record = dmarc-version *(*WSP ";" *WSP dmarc-tag) [*WSP ";"] *WSP
 *   dmarc-version = "v" *WSP "=" *WSP %s"DMARC1"
 */
export function parseDmarcRecord(text: string): DmarcRecord | undefined {
  if (text.length > RECORD_OCTETS_MAX || !/^v[ \t]*=[ \t]*DMARC1[ \t]*(;|$)/.test(text)) return undefined;
  const tags = tagsOf(text);
  const rua = reportUris(tags.get("rua"));
  const asked = requested(tags.get("p"));
  if (asked === undefined && rua.length === 0) return undefined;
  const sp = requested(tags.get("sp"));
  const np = requested(tags.get("np"));
  const psd = asciiLower(tags.get("psd") ?? "u");
  return {
    p: asked ?? "none",
    ...(sp === undefined ? {} : { sp }),
    ...(np === undefined ? {} : { np }),
    psd: psd === "y" || psd === "n" ? psd : "u",
    testing: asciiLower(tags.get("t") ?? "n") === "y",
    adkim: alignment(tags.get("adkim")),
    aspf: alignment(tags.get("aspf")),
    rua,
    assumedNone: asked === undefined,
  };
}

/** The first of each name counts. */
function tagsOf(text: string): Map<string, string> {
  const tags = new Map<string, string>();
  for (const piece of text.split(";").slice(1, TAGS_MAX)) {
    const at = piece.indexOf("=");
    if (at < 0) continue;
    const name = asciiLower(piece.slice(0, at).trim());
    if (!tags.has(name)) tags.set(name, piece.slice(at + 1).trim());
  }
  return tags;
}

function requested(value: string | undefined): Requested | undefined {
  const word = asciiLower(value ?? "");
  return word === "none" || word === "quarantine" || word === "reject" ? word : undefined;
}

const alignment = (value: string | undefined): "r" | "s" => (asciiLower(value ?? "r") === "s" ? "s" : "r");

const reportUris = (value: string | undefined): readonly string[] =>
  (value ?? "")
    .split(",")
    .map((uri) => uri.trim())
    .filter((uri) => /^mailto:[^@\s]+@[^@\s]+$/i.test(uri))
    .slice(0, REPORT_URIS_MAX);
