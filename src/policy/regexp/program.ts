import { err, ok, type Result } from "../../base/result.ts";
import { POLICY_LIMITS } from "../limits.ts";
import { parsePattern, type CharacterSet, type Pattern, type PatternFault } from "./syntax.ts";

/** One instruction of the machine in `run.ts`. Addresses are indexes into the program. */
export type Instruction =
  | { readonly op: "set"; readonly set: CharacterSet }
  | { readonly op: "assert"; readonly what: "start" | "end" | "word" | "not-word" }
  | { readonly op: "jump"; readonly to: number }
  /** Tries `first` before `second`. */
  | { readonly op: "split"; readonly first: number; readonly second: number }
  | { readonly op: "save"; readonly slot: number }
  | { readonly op: "match" };

export type Program = {
  readonly code: readonly Instruction[];
  readonly groups: number;
  readonly ignoreCase: boolean;
};

export type PatternFlags = {
  readonly ignoreCase: boolean;
  /** White space in the pattern is layout. */ readonly extended?: boolean;
};

/** Turns a pattern into a program of bounded length that `matchPattern` runs in linear time. */
export function compilePattern(text: string, flags: PatternFlags): Result<Program, PatternFault> {
  const parsed = parsePattern(text, flags.extended ?? false);
  if (!parsed.ok) return parsed;
  // Counted first, so that `((a{255}){255}){255}` costs nothing but the count.
  if (sizeOf(parsed.value.pattern) > POLICY_LIMITS.patternProgramMax) {
    return err({ message: "the pattern unrolls to too much; count less or repeat less deeply", column: 0 });
  }
  const code: Instruction[] = [];
  emit(code, parsed.value.pattern);
  code.push({ op: "match" });
  return ok({ code, groups: parsed.value.groups, ignoreCase: flags.ignoreCase });
}

function sizeOf(pattern: Pattern): number {
  switch (pattern.kind) {
    case "empty":
      return 0;
    case "set":
    case "assert":
      return 1;
    case "sequence":
      return pattern.parts.reduce((sum, part) => sum + sizeOf(part), 0);
    case "choice":
      return pattern.branches.reduce((sum, branch) => sum + sizeOf(branch) + 2, 0);
    case "group":
      return sizeOf(pattern.body) + 2;
    case "repeat": {
      const body = sizeOf(pattern.body) + 2;
      return body * (pattern.max === Number.POSITIVE_INFINITY ? pattern.min + 1 : pattern.max) + 1;
    }
  }
}

function emit(code: Instruction[], pattern: Pattern): void {
  switch (pattern.kind) {
    case "empty":
      return;
    case "set":
      code.push({ op: "set", set: pattern.set });
      return;
    case "assert":
      code.push({ op: "assert", what: pattern.what });
      return;
    case "sequence":
      for (const part of pattern.parts) emit(code, part);
      return;
    case "choice":
      emitChoice(code, pattern.branches);
      return;
    case "group":
      code.push({ op: "save", slot: pattern.index * 2 });
      emit(code, pattern.body);
      code.push({ op: "save", slot: pattern.index * 2 + 1 });
      return;
    case "repeat":
      emitRepeat(code, pattern);
      return;
  }
}

function emitChoice(code: Instruction[], branches: readonly Pattern[]): void {
  const jumps: number[] = [];
  branches.forEach((branch, i) => {
    if (i === branches.length - 1) return emit(code, branch);
    const split = reserve(code);
    emit(code, branch);
    jumps.push(reserve(code));
    code[split] = { op: "split", first: split + 1, second: code.length };
  });
  for (const jump of jumps) code[jump] = { op: "jump", to: code.length };
}

function emitRepeat(code: Instruction[], repeat: Extract<Pattern, { kind: "repeat" }>): void {
  for (let i = 0; i < repeat.min; i++) emit(code, repeat.body);
  if (repeat.max === Number.POSITIVE_INFINITY) {
    const split = reserve(code);
    emit(code, repeat.body);
    code.push({ op: "jump", to: split });
    code[split] = branch(repeat.greedy, split + 1, code.length);
    return;
  }
  const splits: number[] = [];
  for (let i = repeat.min; i < repeat.max; i++) {
    splits.push(reserve(code));
    emit(code, repeat.body);
  }
  for (const split of splits) code[split] = branch(repeat.greedy, split + 1, code.length);
}

const branch = (greedy: boolean, body: number, after: number): Instruction =>
  greedy ? { op: "split", first: body, second: after } : { op: "split", first: after, second: body };

function reserve(code: Instruction[]): number {
  code.push({ op: "match" });
  return code.length - 1;
}
