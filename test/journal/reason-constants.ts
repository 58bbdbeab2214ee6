/** Finds reason constants in the source: the literals at the place of `reason` in the calls that take one. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

const SRC = join(import.meta.dirname, "../../src");

/** Which argument is the reason. */
const CALLS: Readonly<Record<string, number>> = {
  reply: 3,
  refusal: 3,
  refuse: 3,
  deferIfPermit: 2,
  deferIfReject: 2,
  permit: 1,
  dunno: 1,
  noOpinion: 0,
  note: 4,
};

export type Constant = { readonly file: string; readonly reason: string };

/** All reason constants below the rooms, templates as they stand: `remote-${kind}`. */
export function reasonConstants(rooms: readonly string[]): readonly Constant[] {
  return rooms.flatMap((room) =>
    sourcesBelow(join(SRC, room)).flatMap((file) => {
      const source = readFileSync(file, "utf8").replace(/\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm, "");
      return reasonsIn(source).map((reason) => ({ file: file.slice(SRC.length + 1), reason }));
    }),
  );
}

/** Every string that looks like a reason anywhere but in the catalogues: a reason may pass through many hands. */
export const allLiterals = (): ReadonlySet<string> =>
  new Set(
    sourcesBelow(SRC)
      .filter((file) => !file.includes("/words/"))
      .flatMap((file) => [...readFileSync(file, "utf8").matchAll(/"([a-z][a-z0-9-]*)"/g)])
      .flatMap(([, literal]) => literal ?? []),
  );

export function reasonsIn(source: string): string[] {
  const found: string[] = [];
  for (const match of source.matchAll(/(?<![\w.])(\w+)\(/g)) {
    const place = CALLS[match[1] ?? ""];
    if (place === undefined) continue;
    const expression = argumentsAt(source, match.index + match[0].length)[place];
    // A definition has parameters in place of arguments.
    if (expression === undefined || /^\w+\??:/.test(expression)) continue;
    found.push(...literalsOf(expression, source));
  }
  // Why a DNS answer failed is a fact, no reason of ours.
  const verdicts = source.replace(/kind: "failure", reason: "[^"]*"/g, "");
  for (const [, expression = ""] of verdicts.matchAll(/\breason: ([^,}\n]+)/g))
    found.push(...literals(expression));
  return found;
}

/** The literals of an expression, or of the constant it names. */
function literalsOf(expression: string, source: string): string[] {
  const name = /^\w+$/.exec(expression)?.[0];
  const declared =
    name === undefined ? undefined : new RegExp(`const ${name}\\b[^=]*= ([^;]+);`).exec(source)?.[1];
  return literals(declared ?? expression);
}

/** What a ternary compares is no reason. */
const literals = (expression: string): string[] =>
  [...expression.replace(/[!=]== ?"[^"]*"/g, "").matchAll(/["`]([a-z][a-z0-9-]*(?:\$\{[^}]*\})?)["`]/g)].map(
    ([, text = ""]) => text,
  );

/** Texts of the arguments of the call whose parenthesis opens just before `start`. */
function argumentsAt(source: string, start: number): string[] {
  const parts: string[] = [];
  let depth = 0;
  let from = start;
  for (let i = start; i < source.length; i++) {
    const char = source[i] ?? "";
    if (char === '"' || char === "'" || char === "`") i = endOfString(source, i);
    else if ("([{".includes(char)) depth++;
    else if (depth === 0 && (char === "," || char === ")")) {
      parts.push(source.slice(from, i).trim());
      from = i + 1;
      if (char === ")") break;
    } else if (")]}".includes(char)) depth--;
  }
  return parts;
}

/** Templates hold braces, and in them at most one more template. */
function endOfString(source: string, start: number): number {
  const quote = source[start];
  for (let i = start + 1; i < source.length; i++) {
    if (source[i] === "\\") i++;
    else if (source[i] === quote) return i;
    else if (quote === "`" && source.startsWith("${", i)) {
      let depth = 1;
      for (i += 2; i < source.length; i++) {
        const char = source[i] ?? "";
        if (char === '"' || char === "`") i = endOfString(source, i);
        else if (char === "{") depth++;
        else if (char === "}" && --depth === 0) break;
      }
    }
  }
  return source.length;
}

const sourcesBelow = (directory: string): string[] =>
  readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith(".ts") && !entry.name.endsWith(".test.ts"))
    .map((entry) => join(entry.parentPath, entry.name));
