import { asciiLower } from "../../base/ascii.ts";
import { trimBlank } from "../../message/header-text.ts";

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
  /** Where aggregate and failure reports are wanted: URIs without the old size limit. */
  readonly rua: readonly string[];
  readonly ruf: readonly string[];
  /** When a failure report is wanted: of `0`, `1`, `d`, `s`; without ruf= it means nothing. */
  readonly fo: readonly string[];
  /** p=, sp= or np= was missing or unknown: `p=none` was assumed. RFC 9989 §4.10.1 */
  readonly assumedNone: boolean;
  /** False: nothing usable is asked for, so DMARC does not apply; the record still marks a place in the tree. */
  readonly applies: boolean;
};

/** Octets of a record that are read; real ones have 100 to 500. */
const RECORD_OCTETS_MAX = 4_096;
/** The registry has eleven tags. */
const TAGS_MAX = 50;
/** Reports go to two places at most in practice. */
const REPORT_URIS_MAX = 10;

/**
 * Reads a TXT record; undefined: it is no DMARC record. Unknown tags (pct, rf, ri of RFC 7489 among them) are passed
 * over, of a repeated tag the first counts. RFC 9989 §4.7, §4.8, §4.10.1; C-17
 *
 *   dmarc-record  = dmarc-version *(dmarc-sep dmarc-tag) [dmarc-sep]
 *   dmarc-version = "v" equals %s"DMARC1"
 *   dmarc-tag     = 1*ALPHA equals 1*dmarc-value
 */
export function parseDmarcRecord(text: string): DmarcRecord | undefined {
  if (text.length > RECORD_OCTETS_MAX || !/^[vV][ \t]*=[ \t]*DMARC1[ \t]*(?:;|$)/.test(text))
    return undefined;
  const tags = tagsOf(text);
  const rua = reportUris(tags.get("rua"));
  const policies = policiesOf(tags);
  const psd = asciiLower(tags.get("psd") ?? "u");
  return {
    ...(policies ?? { p: "none" }),
    psd: psd === "y" || psd === "n" ? psd : "u",
    testing: asciiLower(tags.get("t") ?? "n") === "y",
    adkim: alignment(tags.get("adkim")),
    aspf: alignment(tags.get("aspf")),
    rua,
    ruf: reportUris(tags.get("ruf")),
    fo: failureOptions(tags.get("fo")),
    assumedNone: policies === undefined,
    applies: policies !== undefined || rua.length > 0,
  };
}

function tagsOf(text: string): Map<string, string> {
  const tags = new Map<string, string>();
  for (const piece of text.split(";", TAGS_MAX).slice(1)) {
    const at = piece.indexOf("=");
    if (at < 0) continue;
    const name = asciiLower(trimBlank(piece.slice(0, at)));
    if (!tags.has(name)) tags.set(name, trimBlank(piece.slice(at + 1)));
  }
  return tags;
}

/** Undefined: p= is missing, or one of the three says what nobody defined. */
function policiesOf(tags: ReadonlyMap<string, string>): Pick<DmarcRecord, "p" | "sp" | "np"> | undefined {
  const [p, sp, np] = ["p", "sp", "np"].map((name) => requested(tags.get(name)));
  const isWrong = (name: string, read: Requested | undefined): boolean =>
    tags.has(name) && read === undefined;
  if (p === undefined || isWrong("sp", sp) || isWrong("np", np)) return undefined;
  return { p, ...(sp === undefined ? {} : { sp }), ...(np === undefined ? {} : { np }) };
}

function requested(value: string | undefined): Requested | undefined {
  const word = asciiLower(value ?? "");
  return word === "none" || word === "quarantine" || word === "reject" ? word : undefined;
}

const alignment = (value: string | undefined): "r" | "s" => (asciiLower(value ?? "r") === "s" ? "s" : "r");

/** dmarc-fo, in any order; nothing readable is the default. */
function failureOptions(value: string | undefined): readonly string[] {
  const options = asciiLower(value ?? "0")
    .split(":", TAGS_MAX)
    .map(trimBlank);
  const known = [...new Set(options)].filter((option) => /^[01ds]$/.test(option));
  return known.length === 0 ? ["0"] : known;
}

export type ReportTarget = {
  readonly uri: string;
  /** The largest mail that is wanted: `!10m` of RFC 7489 §6.2, which RFC 9989 lets stand as obs-dmarc-uri. */
  readonly octetsMax?: number;
};

/** rua= with the old size limits. Undefined: it is no DMARC record. */
export function aggregateTargets(text: string): readonly ReportTarget[] | undefined {
  if (parseDmarcRecord(text) === undefined) return undefined;
  return (tagsOf(text).get("rua") ?? "")
    .split(",", REPORT_URIS_MAX)
    .flatMap((one): readonly ReportTarget[] => {
      const [uri] = reportUris(one);
      if (uri === undefined) return [];
      const octetsMax = sizeLimit(one);
      return [{ uri, ...(octetsMax === undefined ? {} : { octetsMax }) }];
    });
}

/** "!" 1*DIGIT [ "k" / "m" / "g" / "t" ], units of 1024 */
function sizeLimit(uri: string): number | undefined {
  const [, digits = "", unit = ""] = /!([0-9]{1,12})([kmgt]?)[ \t]*$/i.exec(uri) ?? [];
  return digits === "" ? undefined : Number(digits) * 1024 ** " kmgt".indexOf(asciiLower(unit) || " ");
}

/** dmarc-urilist = (dmarc-uri / obs-dmarc-uri) *(*WSP "," *WSP (dmarc-uri / obs-dmarc-uri)) */
const reportUris = (value: string | undefined): readonly string[] =>
  (value ?? "")
    .split(",")
    .map((uri) => trimBlank(uri).replace(/![0-9]+[kmgt]?$/i, ""))
    .filter((uri) => /^(?:mailto:[^@\s!]+@[^@\s!]+|(?!mailto:)[a-z][a-z0-9+.-]*:[^\s!]+)$/i.test(uri))
    .slice(0, REPORT_URIS_MAX);
