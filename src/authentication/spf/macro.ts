import { asciiLower } from "../../base/ascii.ts";
import type { IpAddress } from "../../base/ip.ts";

/** What macro letters stand for. RFC 7208 §7.2 */
export type MacroFacts = {
  readonly client: IpAddress;
  readonly localPart: string;
  /** Domain of the sender, `%{o}`. */
  readonly senderDomain: string;
  /** The domain whose record is being read, `%{d}`. */
  readonly domain: string;
  readonly heloName: string;
  readonly receiver: string;
  readonly now_ms: number;
  /** `%{p}`; only asked of the DNS where `needsValidatedName`. */
  readonly validatedName: string;
};

type Macro = {
  readonly letter: string;
  /** Right-hand parts to keep; absent: all. */
  readonly parts?: number;
  readonly reversed: boolean;
  readonly delimiters: string;
  readonly escaped: boolean;
};
export type MacroString = readonly (string | Macro)[];

/** In a record; `c`, `r` and `t` belong to explanations. RFC 7208 §7.2 */
export const RECORD_LETTERS = "slodiphv";
/** Everywhere in the text of an explanation, and in modifiers nobody knows. */
export const ALL_LETTERS = "slodiphvcrt";

const NAME_OCTETS_MAX = 253;
const DEFAULT_DELIMITER = ".";
const EXPAND = /\{([a-z])([0-9]{0,4})(r?)([.\-+,/_=]*)\}/iy;
const LITERALS: Readonly<Record<string, string>> = { "%": "%", _: " ", "-": "%20" };

/**
 * Reads literals and macros; undefined for a syntax error. RFC 7208 §7.1
 *
 *   macro-expand = ( "%{" macro-letter transformers *delimiter "}" ) / "%%" / "%_" / "%-"
 *   transformers = *DIGIT [ "r" ]
 *   macro-literal = %x21-24 / %x26-7E
 */
export function parseMacroString(text: string, letters: string): MacroString | undefined {
  const pieces: (string | Macro)[] = [];
  let at = 0;
  while (at < text.length) {
    const percent = text.indexOf("%", at);
    const literal = text.slice(at, percent < 0 ? text.length : percent);
    if (!/^[\x21-\x7e]*$/.test(literal)) return undefined;
    if (literal !== "") pieces.push(literal);
    if (percent < 0) break;
    const escape = LITERALS[text[percent + 1] ?? ""];
    if (escape !== undefined) {
      pieces.push(escape);
      at = percent + 2;
      continue;
    }
    const macro = readMacro(text, percent + 1, letters);
    if (macro === undefined) return undefined;
    pieces.push(macro);
    at = EXPAND.lastIndex;
  }
  return pieces;
}

/** Leaves `EXPAND.lastIndex` after the macro. */
function readMacro(text: string, at: number, letters: string): Macro | undefined {
  EXPAND.lastIndex = at;
  const [, letter = "", digits = "", reverse, delimiters = ""] = EXPAND.exec(text) ?? [];
  const lower = asciiLower(letter);
  if (letter === "" || !letters.includes(lower) || (digits !== "" && Number(digits) === 0)) return undefined;
  return {
    letter: lower,
    ...(digits === "" ? {} : { parts: Number(digits) }),
    reversed: reverse !== "",
    delimiters: delimiters === "" ? DEFAULT_DELIMITER : delimiters,
    escaped: letter !== lower,
  };
}

/** The name behind the client's address is part of this text. */
export const needsValidatedName = (text: MacroString): boolean =>
  text.some((piece) => typeof piece !== "string" && piece.letter === "p");

/** The text with all macros replaced. RFC 7208 §7.3 */
export function expandMacros(text: MacroString, facts: MacroFacts): string {
  return text.map((piece) => (typeof piece === "string" ? piece : expandOne(piece, facts))).join("");
}

/** The same for a domain: labels are taken from the left until at most 253 octets remain. RFC 7208 §7.3 */
export function expandDomain(text: MacroString, facts: MacroFacts): string {
  const whole = expandMacros(text, facts);
  const name = whole.endsWith(".") ? whole.slice(0, -1) : whole;
  if (name.length <= NAME_OCTETS_MAX) return name;
  const dot = name.indexOf(".", name.length - NAME_OCTETS_MAX - 1);
  return dot < 0 ? name : name.slice(dot + 1);
}

function expandOne(macro: Macro, facts: MacroFacts): string {
  const parts = splitAtAny(valueOf(macro.letter, facts), macro.delimiters);
  if (macro.reversed) parts.reverse();
  const kept = macro.parts === undefined ? parts : parts.slice(-macro.parts);
  const joined = kept.join(".");
  return macro.escaped ? urlEscape(joined) : joined;
}

function splitAtAny(value: string, delimiters: string): string[] {
  const parts = [""];
  for (const char of value) {
    if (delimiters.includes(char)) parts.push("");
    else parts[parts.length - 1] += char;
  }
  return parts;
}

function valueOf(letter: string, facts: MacroFacts): string {
  switch (letter) {
    case "s":
      return `${facts.localPart}@${facts.senderDomain}`;
    case "l":
      return facts.localPart;
    case "o":
      return facts.senderDomain;
    case "d":
      return facts.domain;
    case "i":
      return dotted(facts.client);
    case "p":
      return facts.validatedName;
    case "v":
      return facts.client.family === 4 ? "in-addr" : "ip6";
    case "h":
      return facts.heloName;
    case "c":
      return facts.client.text;
    case "r":
      return facts.receiver;
    default:
      return String(Math.floor(facts.now_ms / 1000));
  }
}

/** An IPv6 address has one label per nibble, RFC 7208 §7.3; capitals as in the test suite, names do not mind. */
const dotted = (client: IpAddress): string =>
  client.family === 4
    ? client.text
    : Array.from(Buffer.from(client.octets).toString("hex").toUpperCase()).join(".");

/** All but unreserved characters, RFC 3986 §2.3; `encodeURIComponent` leaves five more alone. */
function urlEscape(text: string): string {
  return encodeURIComponent(text.toWellFormed()).replace(
    /[!'()*]/g,
    (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}
