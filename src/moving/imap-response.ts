import { MOVING_LIMITS } from "./limits.ts";

/** A piece of a response. `atom` also is a flag, a number, `BODY[]`. */
export type Value =
  | { readonly kind: "atom"; readonly text: string }
  | { readonly kind: "nil" }
  | { readonly kind: "string"; readonly octets: Buffer }
  | { readonly kind: "list"; readonly items: readonly Value[] };

/** A response as it came: lines, each but the last ending in the `{n}` of the literal behind it. */
export type RawResponse = { readonly texts: readonly string[]; readonly literals: readonly Buffer[] };

const ATOM = /[^ ()"{\r\n]+/y;
const QUOTED = /"(?:[^"\\]|\\.)*"/y;
const LITERAL = /~?\{[0-9]{1,19}\}$/y;

/**
 * All values of a response in order, tag first; undefined where it is none. Servers write what the grammar does not
 * allow, so atoms are read generously. RFC 9051 §7, §9
 */
export function parseResponse({ texts, literals }: RawResponse): readonly Value[] | undefined {
  const open: Value[][] = [[]];
  let count = 0;
  for (const [i, text] of texts.entries()) {
    let at = 0;
    while (at < text.length) {
      const char = text[at];
      if (++count > MOVING_LIMITS.valuesOfResponse) return undefined;
      if (char === " ") at++;
      else if (char === "(") {
        if (open.length > MOVING_LIMITS.depth) return undefined;
        open.push([]);
        at++;
      } else if (char === ")") {
        const items = open.pop();
        const parent = open.at(-1);
        if (items === undefined || parent === undefined) return undefined;
        parent.push({ kind: "list", items });
        at++;
      } else {
        const read = simpleValue(text, at, literals[i]);
        if (read === undefined) return undefined;
        open.at(-1)?.push(read.value);
        at = read.end;
      }
    }
  }
  return open.length === 1 ? open[0] : undefined;
}

function simpleValue(
  text: string,
  at: number,
  literal: Buffer | undefined,
): { readonly value: Value; readonly end: number } | undefined {
  const take = (expression: RegExp): string | undefined => {
    expression.lastIndex = at;
    return expression.exec(text)?.[0];
  };
  const char = text[at];
  if (char === '"') {
    const quoted = take(QUOTED);
    if (quoted === undefined) return undefined;
    const octets = Buffer.from(quoted.slice(1, -1).replace(/\\(.)/g, "$1"), "latin1");
    return { value: { kind: "string", octets }, end: at + quoted.length };
  }
  const braces = char === "{" || char === "~" ? take(LITERAL) : undefined;
  if (braces !== undefined && literal !== undefined)
    return { value: { kind: "string", octets: literal }, end: text.length };
  const atom = take(ATOM);
  if (atom === undefined) return undefined;
  const value: Value = /^nil$/i.test(atom) ? { kind: "nil" } : { kind: "atom", text: atom };
  return { value, end: at + atom.length };
}

/** How many octets follow the line, where it ends in a literal. */
export function announcedOctets(text: string): number | undefined {
  const digits = /\{([0-9]{1,19})\}$/.exec(text.slice(-24))?.[1];
  return digits === undefined ? undefined : Number(digits);
}

export const atomText = (value: Value | undefined): string => (value?.kind === "atom" ? value.text : "");

/** A word or a string, as the octets it stands for. */
export function valueOctets(value: Value | undefined): Buffer | undefined {
  if (value?.kind === "string") return value.octets;
  return value?.kind === "atom" ? Buffer.from(value.text, "latin1") : undefined;
}

/** What a FETCH response says: names in capitals, each with its value. Undefined for any other response. */
export function fetchItems(values: readonly Value[]): ReadonlyMap<string, Value> | undefined {
  const [, , what, list] = values;
  if (atomText(what).toUpperCase() !== "FETCH" || list?.kind !== "list") return undefined;
  const items = new Map<string, Value>();
  for (let i = 0; i + 1 < list.items.length; i += 2) {
    const value = list.items[i + 1];
    if (value !== undefined) items.set(atomText(list.items[i]).toUpperCase(), value);
  }
  return items;
}
