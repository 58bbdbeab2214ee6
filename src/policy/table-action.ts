import { asciiLower, asciiUpper } from "../base/ascii.ts";

/** The right-hand side of an access table, read once. Postfix access(5) */
export type TableAction =
  | { readonly kind: "ok" | "dunno" }
  | {
      readonly kind: "refuse";
      readonly code: number | undefined;
      readonly enhanced: string;
      readonly text: string;
    }
  | {
      readonly kind: "defer" | "defer-if-permit" | "defer-if-reject";
      readonly enhanced: string;
      readonly text: string;
    }
  | {
      readonly kind: "tag";
      readonly tag: "hold" | "prepend" | "redirect" | "bcc" | "filter" | "warn";
      readonly value: string;
    }
  /** Not carried out because it would accept and drop (or is malformed): the message is refused or the entry skipped. */
  | { readonly kind: "discard" }
  | { readonly kind: "skip"; readonly why: string }
  | { readonly kind: "run"; readonly rules: string };

const ENHANCED = /^([245]\.[0-9]{1,3}\.[0-9]{1,3})(?:[ \t]+|$)/;
const HEADER_FIELD = /^[!-9;-~]+[ \t]*:/;

/** Reads `REJECT text`, `450 4.7.1 text`, `OK`, `reject_unknown_client_hostname`, … Total. */
export function parseTableAction(value: string): TableAction {
  const trimmed = value.trim();
  const space = trimmed.search(/[ \t]/);
  const word = asciiUpper(space < 0 ? trimmed : trimmed.slice(0, space));
  const text = space < 0 ? "" : trimmed.slice(space).trim();
  const simple = parseSimple(word, text);
  if (simple !== undefined) return simple;
  // Postfix's own trap: digits alone are a time stamp of some other program and mean OK.
  if (/^[0-9]+$/.test(trimmed)) return { kind: "ok" };
  if (/^[45][0-9]{2}$/.test(word) && text !== "") {
    return { kind: "refuse", code: Number(word), ...splitEnhanced(text, `${word.charAt(0)}.7.1`) };
  }
  if (trimmed.includes(":"))
    return { kind: "skip", why: "tables are not named inside tables; define a class" };
  return trimmed === "" ? { kind: "ok" } : { kind: "run", rules: trimmed };
}

function parseSimple(word: string, text: string): TableAction | undefined {
  switch (word) {
    case "OK":
    case "RELAY":
      return { kind: "ok" };
    case "DUNNO":
      return { kind: "dunno" };
    case "REJECT":
      return { kind: "refuse", code: undefined, ...splitEnhanced(text, "5.7.1") };
    case "DEFER":
    case "DEFER_IF_PERMIT":
    case "DEFER_IF_REJECT":
      return {
        kind: asciiLower(word).replaceAll("_", "-") as "defer" | "defer-if-permit" | "defer-if-reject",
        ...splitEnhanced(text, "4.7.1"),
      };
    case "DISCARD":
      return { kind: "discard" };
    case "INFO":
      return { kind: "tag", tag: "warn", value: text };
    case "WARN":
    case "HOLD":
      return { kind: "tag", tag: asciiLower(word) as "warn" | "hold", value: text };
    case "PREPEND":
      return HEADER_FIELD.test(text)
        ? { kind: "tag", tag: "prepend", value: text }
        : skipped(word, "a header field");
    case "REDIRECT":
    case "BCC":
      if (!text.includes("@")) return skipped(word, "an address");
      return { kind: "tag", tag: asciiLower(word) as "redirect" | "bcc", value: text };
    case "FILTER":
      return text.includes(":")
        ? { kind: "tag", tag: "filter", value: text }
        : skipped(word, "transport:destination");
    default:
      return undefined;
  }
}

const skipped = (word: string, needs: string): TableAction => ({
  kind: "skip",
  why: `${word} needs ${needs}`,
});

function splitEnhanced(text: string, otherwise: string): { enhanced: string; text: string } {
  const found = ENHANCED.exec(text);
  return found === null
    ? { enhanced: otherwise, text }
    : { enhanced: found[1] as string, text: text.slice(found[0].length) };
}

const IDLE: ReadonlySet<string> = new Set(["hold", "redirect", "bcc", "filter"]);

/** What to tell the author of a result that is recorded and explained, but on which nobody acts; undefined for all others. */
export function notCarriedOut(value: string): string | undefined {
  const action = parseTableAction(value);
  if (action.kind !== "tag" || !IDLE.has(action.tag)) return undefined;
  return `${asciiUpper(action.tag)} is recorded and shown by \`wachpost explain\`, but not carried out: the mail goes on as with DUNNO`;
}
