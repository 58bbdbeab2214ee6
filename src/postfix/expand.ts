import { POSTFIX_LIMITS } from "./limits.ts";
import { closingOf, insideBraces } from "./words.ts";

export type Expansion = {
  readonly text: string;
  /** Names that nothing defines; Postfix puts nothing in their place. */
  readonly missing: readonly string[];
  readonly faults: readonly string[];
};

type State = {
  readonly valueOf: (name: string) => string | undefined;
  readonly missing: Set<string>;
  readonly faults: Set<string>;
  steps: number;
};

/**
 * Replaces `$name`, `${name}`, `$(name)`, `${name?text}`, `${name:text}`, `${name?{yes}:{no}}` and
 * `${{a} == {b} ? {yes} : {no}}`; `$$` is a dollar. Bounded in depth, steps and size; total. Postfix mac_expand(3)
 */
export function expandValue(raw: string, valueOf: (name: string) => string | undefined): Expansion {
  const state: State = { valueOf, missing: new Set(), faults: new Set(), steps: 0 };
  const text = expand(raw, state, 0);
  return { text, missing: [...state.missing], faults: [...state.faults] };
}

function expand(raw: string, state: State, depth: number): string {
  let out = "";
  let at = 0;
  while (at < raw.length) {
    const dollar = raw.indexOf("$", at);
    if (dollar < 0) return bounded(out + raw.slice(at), state);
    out += raw.slice(at, dollar);
    const { text, next } = reference(raw, dollar, state, depth);
    out = bounded(out + text, state);
    at = next;
  }
  return out;
}

function bounded(text: string, state: State): string {
  if (text.length <= POSTFIX_LIMITS.expansionMax) return text;
  state.faults.add("grows beyond all bounds when expanded");
  return text.slice(0, POSTFIX_LIMITS.expansionMax);
}

function reference(raw: string, dollar: number, state: State, depth: number): { text: string; next: number } {
  const char = raw.charAt(dollar + 1);
  if (char === "$") return { text: "$", next: dollar + 2 };
  if (++state.steps > POSTFIX_LIMITS.expansionStepsMax || depth > POSTFIX_LIMITS.expansionDepthMax) {
    state.faults.add("refers to itself or is nested too deeply");
    return { text: "", next: raw.length };
  }
  if (char === "{" || char === "(") {
    const end = closingOf(raw, dollar + 1);
    if (end === undefined) {
      state.faults.add(`\`$${char}\` is never closed`);
      return { text: "", next: raw.length };
    }
    return { text: enclosed(raw.slice(dollar + 2, end).trim(), state, depth), next: end + 1 };
  }
  const name = /^[A-Za-z0-9_]+/.exec(raw.slice(dollar + 1, dollar + 1 + 200))?.[0];
  if (name === undefined) {
    state.faults.add("a `$` without a name; write `$$` for a dollar");
    return { text: "$", next: dollar + 1 };
  }
  return { text: valueFor(name, state, depth), next: dollar + 1 + name.length };
}

function valueFor(name: string, state: State, depth: number): string {
  const raw = state.valueOf(name);
  if (raw === undefined) state.missing.add(name);
  return raw === undefined ? "" : expand(raw, state, depth + 1);
}

/** What stands between the braces of a reference. */
function enclosed(text: string, state: State, depth: number): string {
  if (text.startsWith("{")) return comparison(text, state, depth);
  const head = /^([A-Za-z0-9_.-]+)[ \t]*/.exec(text);
  if (head === null) {
    state.faults.add("a reference without a name");
    return "";
  }
  const name = head[1] as string;
  const rest = text.slice(head[0].length);
  if (rest === "") return valueFor(name, state, depth);
  if (!/^[?:]/.test(rest)) {
    state.faults.add(`\`${rest.slice(0, 20)}\` makes no sense behind a name`);
    return "";
  }
  const raw = state.valueOf(name);
  const value = raw === undefined ? "" : expand(raw, state, depth + 1);
  return choose(rest, value !== "", state, depth);
}

/** `?text`, `:text`, `?{yes}`, `?{yes}:{no}` */
function choose(rest: string, holds: boolean, state: State, depth: number): string {
  const mark = rest.charAt(0);
  const body = rest.slice(1).trim();
  const end = body.startsWith("{") ? closingOf(body, 0) : undefined;
  if (end === undefined) return (mark === "?") === holds ? expand(body, state, depth + 1) : "";
  const yes = body.slice(1, end).trim();
  const tail = body.slice(end + 1).trim();
  if ((mark === "?") === holds) return expand(yes, state, depth + 1);
  if (!tail.startsWith(":")) return "";
  const no = tail.slice(1).trim();
  return expand(insideBraces(no) ?? no, state, depth + 1);
}

/** `{a} == {b} ? {yes} : {no}`: numbers as numbers, everything else as text. */
function comparison(text: string, state: State, depth: number): string {
  const leftEnd = closingOf(text, 0);
  const behind = leftEnd === undefined ? "" : text.slice(leftEnd + 1).trim();
  const operator = /^(?:==|!=|<=|>=|<|>)(?:level)?/.exec(behind)?.[0];
  const right = operator === undefined ? "" : behind.slice(operator.length).trim();
  const rightEnd = right.startsWith("{") ? closingOf(right, 0) : undefined;
  if (leftEnd === undefined || operator === undefined || rightEnd === undefined) {
    state.faults.add("no comparison `{a} == {b} ? {yes} : {no}`");
    return "";
  }
  const a = expand(text.slice(1, leftEnd).trim(), state, depth + 1);
  const b = expand(right.slice(1, rightEnd).trim(), state, depth + 1);
  const rest = right.slice(rightEnd + 1).trim();
  const holds = compares(a, operator, b);
  return /^[?:]/.test(rest) ? choose(rest, holds, state, depth) : "";
}

/** `==` and its like compare numbers or text, `<level` and its like compatibility levels: 3.6 is before 3.11. */
function compares(a: string, operator: string, b: string): boolean {
  const numbers = /^[0-9]{1,15}$/.test(a) && /^[0-9]{1,15}$/.test(b);
  const plain = numbers ? Number(a) - Number(b) : a === b ? 0 : a < b ? -1 : 1;
  const sign = operator.endsWith("level") ? levelOf(a) - levelOf(b) : plain;
  switch (operator.replace("level", "")) {
    case "==":
      return sign === 0;
    case "!=":
      return sign !== 0;
    case "<":
      return sign < 0;
    case "<=":
      return sign <= 0;
    case ">":
      return sign > 0;
    default:
      return sign >= 0;
  }
}

function levelOf(text: string): number {
  const [major = "", minor = ""] = text.split(".");
  return (Number(major) || 0) * 1e6 + (Number(minor) || 0);
}
