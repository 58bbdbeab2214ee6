import { err, ok, type Result } from "../base/result.ts";

/** What each of the four octets of an answer may be: ranges, both ends included, or a bit that must be set. */
export type CodeFilter = readonly [Octet, Octet, Octet, Octet];
type Octet = readonly (readonly [number, number] | { readonly bit: number })[];

const MESSAGE = "is not a filter like 127.0.0.2, 127.0.0.[2..11], 127.0.[0..9;11].[1..3] or 127.0.0.[&64]";

/** Parses Postfix's address patterns, with `&n` for bits besides. */
export function parseFilter(text: string): Result<CodeFilter, string> {
  const octets =
    text.length > 200
      ? null
      : /^(\[[^\][]*\]|[0-9]+)\.(\[[^\][]*\]|[0-9]+)\.(\[[^\][]*\]|[0-9]+)\.(\[[^\][]*\]|[0-9]+)$/.exec(text);
  const parsed = octets?.slice(1).map((octet) => parseOctet(octet)) ?? [];
  const [a, b, c, d] = parsed;
  if (a === undefined || b === undefined || c === undefined || d === undefined)
    return err(`${text} ${MESSAGE}`);
  return ok([a, b, c, d]);
}

function parseOctet(text: string): Octet | undefined {
  const items = text.startsWith("[") ? text.slice(1, -1).split(";") : [text];
  const octet: (readonly [number, number] | { readonly bit: number })[] = [];
  for (const item of items) {
    const bit = /^&([0-9]{1,3})$/.exec(item);
    const range = /^([0-9]{1,3})(?:\.\.([0-9]{1,3}))?$/.exec(item);
    if (bit !== null && Number(bit[1]) >= 1 && Number(bit[1]) <= 255) octet.push({ bit: Number(bit[1]) });
    else if (range !== null) {
      const [from, to] = [Number(range[1]), Number(range[2] ?? range[1])];
      if (from > to || to > 255) return undefined;
      octet.push([from, to]);
    } else return undefined;
  }
  return octet;
}

/** For filters in the source, where a mistake is a bug. */
export function filterOf(text: string): CodeFilter {
  const parsed = parseFilter(text);
  if (!parsed.ok) throw new Error(parsed.error);
  return parsed.value;
}

export function filterMatches(filter: CodeFilter, code: string): boolean {
  const octets = code.split(".").map(Number);
  if (octets.length !== 4) return false;
  return filter.every((allowed, i) => allowed.some((item) => octetMatches(item, octets[i] ?? -1)));
}

const octetMatches = (item: Octet[number], octet: number): boolean =>
  "bit" in item ? (octet & item.bit) !== 0 : octet >= item[0] && octet <= item[1];
