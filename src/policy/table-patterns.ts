import { err, ok, type Result } from "../base/result.ts";
import { POLICY_LIMITS } from "./limits.ts";
import { compilePattern, type Program } from "./regexp/program.ts";
import { matchPattern, type PatternMatch } from "./regexp/run.ts";
import type { PlacedFault, TableLine } from "./table-lines.ts";

/** One entry of a table of patterns, or a block that is looked at only where its pattern matches. */
export type PatternRule =
  | {
      readonly kind: "rule";
      readonly program: Program;
      readonly negated: boolean;
      readonly value: string;
      readonly line: number;
    }
  | {
      readonly kind: "if";
      readonly program: Program;
      readonly negated: boolean;
      readonly rules: readonly PatternRule[];
    };

/** The result of the first pattern that matches, `$1` filled in. Postfix regexp_table(5) */
export function findPattern(rules: readonly PatternRule[], subject: string): string | undefined {
  for (const rule of rules) {
    const match = matchPattern(rule.program, subject);
    if ((match !== undefined) === rule.negated) continue;
    if (rule.kind === "rule") return fill(rule.value, match);
    const inside = findPattern(rule.rules, subject);
    if (inside !== undefined) return inside;
  }
  return undefined;
}

const GROUP = /\$[0-9{(]/;

const fill = (value: string, match: PatternMatch | undefined): string =>
  value.replace(
    /\$(?:([0-9])|\{([0-9]{1,2})\}|\(([0-9]{1,2})\)|(\$))/g,
    (_all, a?: string, b?: string, c?: string, dollar?: string) =>
      dollar === undefined ? (match?.[Number(a ?? b ?? c)] ?? "") : "$",
  );

type Block = {
  readonly rules: PatternRule[];
  readonly close?: (rules: readonly PatternRule[]) => PatternRule;
};

/** Reads `/pattern/flags result`, `!/pattern/flags result`, `if /pattern/`, `endif`. */
export function parsePatternRules(
  lines: readonly TableLine[],
  fault: (fault: PlacedFault) => void,
): readonly PatternRule[] {
  const blocks: Block[] = [{ rules: [] }];
  if (lines.length > POLICY_LIMITS.patternsMax) {
    fault({ line: 1, column: 1, message: `a table has at most ${POLICY_LIMITS.patternsMax} patterns` });
    return [];
  }
  for (const { line, text } of lines) {
    if (/^endif\b/i.test(text)) {
      const block = blocks.length > 1 ? blocks.pop() : undefined;
      if (block?.close === undefined) fault({ line, column: 1, message: "endif without if" });
      else blocks.at(-1)?.rules.push(block.close(block.rules));
      continue;
    }
    const opening = /^if[ \t]+(?=[!/])/i.exec(text);
    const entry = parseEntry(text, opening?.[0].length ?? 0);
    if (!entry.ok) {
      fault({ line, ...entry.error });
      continue;
    }
    const { program, negated, value } = entry.value;
    if (opening !== null) {
      blocks.push({ rules: [], close: (rules) => ({ kind: "if", program, negated, rules }) });
      if (blocks.length > POLICY_LIMITS.nestingMax)
        return faultAnd(fault, { line, column: 1, message: "if is nested too deeply" });
    } else if (negated && GROUP.test(value)) {
      fault({ line, column: 1, message: "what does not match has no $1" });
    } else if (value === "") {
      fault({ line, column: text.length + 1, message: "a pattern without a result" });
    } else {
      blocks.at(-1)?.rules.push({ kind: "rule", program, negated, value, line });
    }
  }
  if (blocks.length > 1) fault({ line: lines.at(-1)?.line ?? 1, column: 1, message: "if without endif" });
  return blocks[0]?.rules ?? [];
}

function faultAnd(fault: (fault: PlacedFault) => void, what: PlacedFault): readonly PatternRule[] {
  fault(what);
  return [];
}

type Entry = { readonly program: Program; readonly negated: boolean; readonly value: string };
type EntryFault = { readonly column: number; readonly message: string };

function parseEntry(text: string, from: number): Result<Entry, EntryFault> {
  let at = from;
  while (text.charAt(at) === "!") at++;
  const negated = (at - from) % 2 === 1;
  const delimiter = text.charAt(at);
  if (!/^[!-/:-@[-`{-~]$/.test(delimiter)) {
    return err({ column: at + 1, message: "a pattern stands between slashes" });
  }
  const end = patternEnd(text, at + 1, delimiter);
  if (end === undefined) return err({ column: at + 1, message: "the pattern has no closing slash" });
  const flags = /^[a-zA-Z]*/.exec(text.slice(end + 1))?.[0] ?? "";
  const unknown = flags.replace(/[imxsAEDUX]/g, "");
  if (unknown !== "") return err({ column: end + 2, message: `flag ${unknown.charAt(0)} is not known` });
  const pattern = text.slice(at + 1, end).replaceAll("\\/", "/");
  // Patterns ignore case; every i turns that around.
  const ignoreCase = (flags.match(/i/g)?.length ?? 0) % 2 === 0;
  const compiled = compilePattern(pattern, { ignoreCase, extended: flags.includes("x") });
  if (!compiled.ok) return err({ column: at + 2 + compiled.error.column, message: compiled.error.message });
  return ok({ program: compiled.value, negated, value: text.slice(end + 1 + flags.length).trim() });
}

function patternEnd(text: string, from: number, delimiter: string): number | undefined {
  for (let i = from; i < text.length; i++) {
    if (text.charAt(i) === "\\") i++;
    else if (text.charAt(i) === delimiter) return i;
  }
  return undefined;
}
