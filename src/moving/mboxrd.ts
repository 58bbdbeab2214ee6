import { findField } from "../message/header.ts";
import { SystemFlag, type Flags } from "../store/store.ts";

/**
 * mboxrd: a `From ` line, the message with every line of `>*From ` quoted by one more `>`, an empty line. Lines end in
 * LF, as every reader of such files wants. What that cannot hold stands in our own first field, so that a message
 * comes back octet for octet.
 */

export type MboxMessage = {
  readonly octets: Buffer;
  readonly flags: Flags;
  readonly internalDate_ms: number;
};

/** `X-Wachpost-Mbox: 1 crlf open`: how the lines ended, and whether the last one did; three fields of flags follow. */
const MARK = "X-Wachpost-Mbox";
const MARKED =
  /^X-Wachpost-Mbox: 1 (crlf|as-is) (whole|open)\nStatus: ([A-Z]*)\nX-Status: ([A-Z]*)\nX-Keywords: ?(.*)\n/;
/** Longest head of ours: 64 keywords of 100 octets. */
const HEAD_MAX = 16_384;
const FROM_LINE = /^From .{0,300}?[0-9]{1,2}:[0-9]{2}/;

const STATUS = [["R", SystemFlag.seen]] as const;
const X_STATUS = [
  ["A", SystemFlag.answered],
  ["D", SystemFlag.deleted],
  ["F", SystemFlag.flagged],
  ["T", SystemFlag.draft],
] as const;

/** One message as it stands in the file, its empty line included. */
export function formatMbox({ octets, flags, internalDate_ms }: MboxMessage): Buffer {
  const text = octets.toString("latin1");
  const crlf = !/(^|[^\r])\n/.test(text);
  const plain = crlf ? text.replaceAll("\r\n", "\n") : text;
  const open = !plain.endsWith("\n");
  const letters = (table: readonly (readonly [string, number])[]): string =>
    table.map(([letter, bit]) => ((flags.system & bit) === 0 ? "" : letter)).join("");
  const keywords = Buffer.from(flags.keywords.join(" ")).toString("latin1");
  const head = [
    `From MAILER-DAEMON ${asctime(internalDate_ms)}`,
    `${MARK}: 1 ${crlf ? "crlf" : "as-is"} ${open ? "open" : "whole"}`,
    `Status: ${letters(STATUS)}O`,
    `X-Status: ${letters(X_STATUS)}`,
    `X-Keywords: ${keywords}`,
  ];
  return Buffer.from(`${head.join("\n")}\n${quoteFrom(plain)}${open ? "\n" : ""}\n`, "latin1");
}

/** The other way; `raw` begins with the `From ` line and ends before the next one. */
export function parseMbox(raw: Buffer): MboxMessage {
  const end = raw.indexOf(10);
  const first = raw.toString("latin1", 0, end < 0 ? raw.length : end);
  const rest = end < 0 ? Buffer.alloc(0) : raw.subarray(end + 1);
  const internalDate_ms = dateOfFromLine(first) ?? 0;
  const marked = MARKED.exec(rest.toString("latin1", 0, HEAD_MAX));
  if (marked) return { ...ours(rest, marked), internalDate_ms };
  // The empty line at the end is the file's.
  const octets = withCrlf(unquoteFrom(rest.toString("latin1").replace(/\n\r?\n$/, "\n")));
  return { octets, flags: flagsOfFields(octets), internalDate_ms };
}

function ours(
  rest: Buffer,
  [head, lines, ending, status, xStatus, keywords]: RegExpExecArray,
): Omit<MboxMessage, "internalDate_ms"> {
  const body = withoutLast(rest.subarray(head.length));
  const text = unquoteFrom((ending === "open" ? withoutLast(body) : body).toString("latin1"));
  const words = Buffer.from(keywords ?? "", "latin1").toString("utf8");
  return {
    octets: Buffer.from(lines === "crlf" ? text.replaceAll("\n", "\r\n") : text, "latin1"),
    flags: flagsOf(status ?? "", xStatus ?? "", words),
  };
}

const quoteFrom = (text: string): string => text.replace(/(^|\n)(>*From )/g, "$1>$2");
const unquoteFrom = (text: string): string => text.replace(/(^|\n)>(>*From )/g, "$1$2");

/** Without the line end that belongs to the file, not to the message. */
const withoutLast = (octets: Buffer): Buffer => (octets.at(-1) === 10 ? octets.subarray(0, -1) : octets);

/** Lines of a message end in CRLF; those that already do stay. */
const withCrlf = (text: string): Buffer => Buffer.from(text.replace(/\r?\n/g, "\r\n"), "latin1");

/** What mutt, pine and Dovecot write into such files. */
function flagsOfFields(octets: Buffer): Flags {
  const value = (name: string): string => findField(octets, name)?.slice(0, HEAD_MAX) ?? "";
  return flagsOf(value("Status"), value("X-Status"), value("X-Keywords"));
}

function flagsOf(status: string, xStatus: string, keywords: string): Flags {
  let system = 0;
  for (const [letter, bit] of STATUS) if (status.includes(letter)) system |= bit;
  for (const [letter, bit] of X_STATUS) if (xStatus.includes(letter)) system |= bit;
  const words = keywords.split(/\s+/).filter((word) => word !== "" && word.length <= 100);
  return { system, keywords: [...new Set(words)].slice(0, 64).sort() };
}

const DAYS = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"] as const;
const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"] as const;

/** `Thu Jan  1 00:00:00 1970`, UTC. RFC 4155 appendix A */
function asctime(at_ms: number): string {
  const date = new Date(at_ms);
  const time = date.toISOString().slice(11, 19);
  const day = String(date.getUTCDate()).padStart(2, " ");
  return `${DAYS[date.getUTCDay()]} ${MONTHS[date.getUTCMonth()]} ${day} ${time} ${date.getUTCFullYear()}`;
}

function dateOfFromLine(line: string): number | undefined {
  const parts =
    / ([A-Z][a-z]{2}) {1,2}([0-9]{1,2}) ([0-9]{1,2}):([0-9]{2})(?::([0-9]{2}))?(?: (?:[A-Z]{3,4}|[+-][0-9]{4}))? ([0-9]{4})/.exec(
      line.slice(0, 400),
    );
  const month = MONTHS.findIndex((name) => name === parts?.[1]);
  if (!parts || month < 0) return undefined;
  const [day, hour, minute, second, year] = [2, 3, 4, 5, 6].map((i) => Number(parts[i] ?? 0));
  return Date.UTC(year ?? 1970, month, day, hour, minute, second);
}

/** Where messages begin in a piece of a file; `last`: nothing follows the piece. */
export function separators(piece: Buffer, atStart: boolean, last: boolean): readonly number[] {
  const found: number[] = [];
  const begins = (at: number): boolean => FROM_LINE.test(piece.toString("latin1", at, at + 320));
  if (atStart && begins(0)) found.push(0);
  for (let at = piece.indexOf("\nFrom "); at >= 0; at = piece.indexOf("\nFrom ", at + 1)) {
    if (!last && at + 330 > piece.length) break;
    const emptyBefore = piece[at - 1] === 10 || (piece[at - 1] === 13 && piece[at - 2] === 10);
    if (emptyBefore && begins(at + 1)) found.push(at + 1);
  }
  return found;
}
