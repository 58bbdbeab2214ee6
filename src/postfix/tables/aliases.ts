import { asciiLower } from "../../base/ascii.ts";
import { POSTFIX_LIMITS } from "../limits.ts";
import { logicalLines, type Fault } from "../logical-lines.ts";

/** Where an alias leads. Programs and files are read, so that they can be refused by name. */
export type AliasTarget =
  | { readonly kind: "address"; readonly address: string }
  | { readonly kind: "include"; readonly path: string }
  | { readonly kind: "program"; readonly command: string }
  | { readonly kind: "file"; readonly path: string };
export type Alias = {
  readonly name: string;
  readonly targets: readonly AliasTarget[];
  readonly line: number;
};

/**
 * Reads the format of aliases(5): `name: target, target`. Total.
 *
 *     target = address / ":include:" path / "|" command / "/" path
 */
export function parseAliases(text: string): {
  readonly aliases: readonly Alias[];
  readonly faults: readonly Fault[];
} {
  const { lines, faults: lineFaults } = logicalLines(text);
  const faults = [...lineFaults];
  const aliases: Alias[] = [];
  for (const { line, text: content } of lines) {
    const head = /^("[^"]*"|[^\s:"]+)[ \t]*:/.exec(content);
    if (head === null) {
      faults.push({ line, column: 1, message: "no `name: target`" });
      continue;
    }
    const targets = parseTargets(content.slice(head[0].length));
    if (targets.length === 0)
      faults.push({ line, column: head[0].length, message: "an alias without a target" });
    else aliases.push({ name: asciiLower(unquoted(head[1] as string)), targets, line });
  }
  return { aliases, faults };
}

/** Reads a list of targets: the right side of an alias or of a virtual alias, or an included file. */
export function parseTargets(text: string): readonly AliasTarget[] {
  const targets: AliasTarget[] = [];
  for (const word of splitTargets(text)) {
    if (targets.length >= POSTFIX_LIMITS.targetsMax) break;
    targets.push(targetOf(unquoted(word)));
  }
  return targets;
}

function targetOf(word: string): AliasTarget {
  if (word.startsWith("|")) return { kind: "program", command: word.slice(1).trim() };
  if (word.startsWith("/")) return { kind: "file", path: word };
  if (asciiLower(word).startsWith(":include:"))
    return { kind: "include", path: unquoted(word.slice(9).trim()) };
  return { kind: "address", address: word.replace(/^<(.*)>$/, "$1") };
}

/** Splits at commas and line ends, outside of quotes; `|command with words` needs its quotes, as in Postfix. */
function splitTargets(text: string): readonly string[] {
  const words: string[] = [];
  let word = "";
  let quoted = false;
  for (let i = 0; i < text.length; i++) {
    const char = text.charAt(i);
    if (char === "\\" && quoted) word += char + text.charAt(++i);
    else if (char === '"') {
      quoted = !quoted;
      word += char;
    } else if (!quoted && /[,\s]/.test(char) && !(char !== "," && /^(?:\||:include:)/i.test(word))) {
      words.push(word);
      word = "";
    } else word += char;
  }
  words.push(word);
  return words.map((each) => each.trim()).filter((each) => each !== "");
}

const unquoted = (word: string): string => {
  const whole = /^"((?:[^"\\]|\\.)*)"$/.exec(word);
  return whole === null ? word : (whole[1] as string).replaceAll(/\\(.)/g, "$1");
};
