import { err, ok, type Result } from "../../base/result.ts";
import { POLICY_LIMITS } from "../limits.ts";

/** A regular expression as a tree. The common part of POSIX extended and Perl: what can run in linear time. */
export type Pattern =
  | { readonly kind: "empty" }
  | { readonly kind: "set"; readonly set: CharacterSet }
  | { readonly kind: "assert"; readonly what: "start" | "end" | "word" | "not-word" }
  | { readonly kind: "sequence"; readonly parts: readonly Pattern[] }
  | { readonly kind: "choice"; readonly branches: readonly Pattern[] }
  | {
      readonly kind: "repeat";
      readonly body: Pattern;
      readonly min: number;
      /** Infinity: no end. */
      readonly max: number;
      readonly greedy: boolean;
    }
  | { readonly kind: "group"; readonly body: Pattern; readonly index: number };

/** Character codes from and to, both included, or everything else. */
export type CharacterSet = {
  readonly ranges: readonly (readonly [number, number])[];
  readonly negated: boolean;
};

export type PatternFault = {
  readonly message: string;
  /** From 0, in the pattern. */ readonly column: number;
};
export type ParsedPattern = { readonly pattern: Pattern; readonly groups: number };

/** Counted repeats and nested groups: enough for every table seen, and the program stays small. */
const REPEAT_MAX = 255;
const DEPTH_MAX = 50;

class Fault extends Error {
  readonly column: number;
  constructor(message: string, column: number) {
    super(message);
    this.column = column;
  }
}

/** Parses a pattern; what needs backtracking (back-references, look-around, atomic groups) is refused with its place. */
export function parsePattern(text: string, extended = false): Result<ParsedPattern, PatternFault> {
  if (text.length > POLICY_LIMITS.patternTextMax) {
    return err({ message: `a pattern has at most ${POLICY_LIMITS.patternTextMax} characters`, column: 0 });
  }
  const parser = new Parser(text, extended);
  try {
    return ok(parser.whole());
  } catch (fault) {
    if (fault instanceof Fault) return err({ message: fault.message, column: fault.column });
    throw fault;
  }
}

class Parser {
  readonly #text: string;
  readonly #extended: boolean;
  #at = 0;
  #groups = 0;
  #depth = 0;

  constructor(text: string, extended: boolean) {
    this.#text = text;
    this.#extended = extended;
  }

  whole(): ParsedPattern {
    const pattern = this.#choice();
    if (this.#at < this.#text.length) throw this.#fault("a closing parenthesis without an opening one");
    return { pattern, groups: this.#groups };
  }

  #choice(): Pattern {
    const branches = [this.#sequence()];
    while (this.#take("|")) branches.push(this.#sequence());
    return branches.length === 1 ? (branches[0] as Pattern) : { kind: "choice", branches };
  }

  #sequence(): Pattern {
    const parts: Pattern[] = [];
    for (;;) {
      this.#skipLayout();
      const char = this.#text.charAt(this.#at);
      if (char === "" || char === "|" || char === ")") break;
      parts.push(this.#repeated());
    }
    if (parts.length === 0) return { kind: "empty" };
    return parts.length === 1 ? (parts[0] as Pattern) : { kind: "sequence", parts };
  }

  #skipLayout(): void {
    if (!this.#extended) return;
    for (;;) {
      const char = this.#text.charAt(this.#at);
      if (char === "#") this.#at = this.#text.length;
      else if (char === " " || char === "\t") this.#at++;
      else return;
    }
  }

  #repeated(): Pattern {
    const start = this.#at;
    let body = this.#atom();
    let nested = 0;
    for (;;) {
      this.#skipLayout();
      const at = this.#at;
      const bounds = this.#bounds();
      if (bounds === undefined) return body;
      if (body.kind === "assert") throw new Fault("nothing to repeat", start);
      // `a**` multiplies; two layers are as many as anybody means.
      if (++nested > 2) throw new Fault("repeats of repeats of repeats are refused", at);
      if (this.#text.charAt(this.#at) === "+")
        throw this.#fault("possessive repeats need backtracking; leave out the +");
      body = { kind: "repeat", body, ...bounds, greedy: !this.#take("?") };
    }
  }

  #bounds(): { min: number; max: number } | undefined {
    if (this.#take("*")) return { min: 0, max: Number.POSITIVE_INFINITY };
    if (this.#take("+")) return { min: 1, max: Number.POSITIVE_INFINITY };
    if (this.#take("?")) return { min: 0, max: 1 };
    const counted = /^\{([0-9]{1,5})(,([0-9]{0,5}))?\}/.exec(this.#text.slice(this.#at, this.#at + 16));
    if (counted === null) return undefined;
    const min = Number(counted[1]);
    const max =
      counted[2] === undefined ? min : counted[3] === "" ? Number.POSITIVE_INFINITY : Number(counted[3]);
    if (min > REPEAT_MAX || (max !== Number.POSITIVE_INFINITY && max > REPEAT_MAX)) {
      throw this.#fault(`a repeat counts to at most ${REPEAT_MAX}`);
    }
    if (min > max) throw this.#fault("a repeat whose minimum is above its maximum");
    this.#at += counted[0].length;
    return { min, max };
  }

  #atom(): Pattern {
    const char = this.#text.charAt(this.#at);
    if (char === "*" || char === "+" || char === "?") throw this.#fault("nothing to repeat");
    if (char === "(") return this.#group();
    if (char === "[") return this.#bracket();
    if (char === "\\") return this.#escape();
    this.#at++;
    if (char === "^") return { kind: "assert", what: "start" };
    if (char === "$") return { kind: "assert", what: "end" };
    if (char === ".") return { kind: "set", set: { ranges: [], negated: true } };
    return oneCharacter(char);
  }

  #group(): Pattern {
    const start = this.#at++;
    if (++this.#depth > DEPTH_MAX) throw new Fault(`groups nest at most ${DEPTH_MAX} deep`, start);
    let index = 0;
    if (this.#take("?")) {
      if (!this.#take(":"))
        throw new Fault("look-around, named and atomic groups and inline options are refused", start);
    } else {
      index = ++this.#groups;
    }
    const body = this.#choice();
    if (!this.#take(")")) throw new Fault("a parenthesis that is not closed", start);
    this.#depth--;
    return index === 0 ? body : { kind: "group", body, index };
  }

  #escape(): Pattern {
    const start = this.#at++;
    const char = this.#text.charAt(this.#at++);
    if (char === "") throw new Fault("a backslash at the end", start);
    if (/[1-9]/.test(char)) throw new Fault("back-references need backtracking and are refused", start);
    if (char === "b" || char === "B") return { kind: "assert", what: char === "b" ? "word" : "not-word" };
    if (char === "A") return { kind: "assert", what: "start" };
    if (char === "z" || char === "Z") return { kind: "assert", what: "end" };
    const named = ESCAPED_SETS.get(char);
    if (named !== undefined) return { kind: "set", set: named };
    if (/[A-Za-z0]/.test(char)) {
      const control = CONTROLS.get(char);
      if (control === undefined) throw new Fault(`\\${char} is not known here`, start);
      return oneCharacter(control);
    }
    return oneCharacter(char);
  }

  #bracket(): Pattern {
    const start = this.#at++;
    const negated = this.#take("^");
    const ranges: (readonly [number, number])[] = [];
    for (let first = true; ; first = false) {
      const char = this.#text.charAt(this.#at);
      if (char === "") throw new Fault("a bracket that is not closed", start);
      if (char === "]" && !first) break;
      ranges.push(...this.#bracketItem(start));
    }
    this.#at++;
    return { kind: "set", set: { ranges, negated } };
  }

  #bracketItem(start: number): (readonly [number, number])[] {
    const posix = /^\[:([a-z]{1,10}):\]/.exec(this.#text.slice(this.#at, this.#at + 16));
    if (posix !== null) {
      const ranges = POSIX_CLASSES.get(posix[1] as string);
      if (ranges === undefined) throw this.#fault(`[:${posix[1]}:] is not a class of characters`);
      this.#at += posix[0].length;
      return [...ranges];
    }
    if (/^\[[.=]/.test(this.#text.slice(this.#at, this.#at + 2))) {
      throw this.#fault("collating elements are not supported");
    }
    const low = this.#bracketCharacter(start);
    if (typeof low !== "number") return [...low.ranges];
    const isRange =
      this.#text.charAt(this.#at) === "-" && !["]", ""].includes(this.#text.charAt(this.#at + 1));
    if (!isRange) return [[low, low]];
    this.#at++;
    const high = this.#bracketCharacter(start);
    if (typeof high !== "number" || high < low) throw this.#fault("a range that runs backwards");
    return [[low, high]];
  }

  #bracketCharacter(start: number): number | CharacterSet {
    const char = this.#text.charAt(this.#at++);
    if (char === "") throw new Fault("a bracket that is not closed", start);
    // POSIX takes a backslash in brackets for itself, Perl as an escape; tables are written in Perl's manner.
    if (char !== "\\") return char.charCodeAt(0);
    const next = this.#text.charAt(this.#at++);
    const named = ESCAPED_SETS.get(next);
    if (named !== undefined && !named.negated) return named;
    const control = CONTROLS.get(next);
    if (control !== undefined) return control.charCodeAt(0);
    if (next === "" || /[A-Za-z0-9]/.test(next))
      throw new Fault(`\\${next} is not known in brackets`, this.#at - 2);
    return next.charCodeAt(0);
  }

  #take(char: string): boolean {
    if (this.#text.charAt(this.#at) !== char) return false;
    this.#at++;
    return true;
  }

  #fault(message: string): Fault {
    return new Fault(message, this.#at);
  }
}

const oneCharacter = (char: string): Pattern => {
  const code = char.charCodeAt(0);
  return { kind: "set", set: { ranges: [[code, code]], negated: false } };
};

const range = (from: string, to: string): readonly [number, number] => [from.charCodeAt(0), to.charCodeAt(0)];
const DIGIT = [range("0", "9")] as const;
const ALPHA = [range("a", "z"), range("A", "Z")] as const;
const SPACE: readonly (readonly [number, number])[] = [
  [0x09, 0x0d],
  [0x20, 0x20],
];
const WORD = [...ALPHA, ...DIGIT, range("_", "_")];

const ESCAPED_SETS: ReadonlyMap<string, CharacterSet> = new Map([
  ["d", { ranges: DIGIT, negated: false }],
  ["D", { ranges: DIGIT, negated: true }],
  ["s", { ranges: SPACE, negated: false }],
  ["S", { ranges: SPACE, negated: true }],
  ["w", { ranges: WORD, negated: false }],
  ["W", { ranges: WORD, negated: true }],
]);
const CONTROLS: ReadonlyMap<string, string> = new Map([
  ["t", "\t"],
  ["n", "\n"],
  ["r", "\r"],
  ["f", "\f"],
]);
const POSIX_CLASSES: ReadonlyMap<string, readonly (readonly [number, number])[]> = new Map([
  ["digit", DIGIT],
  ["alpha", ALPHA],
  ["alnum", [...ALPHA, ...DIGIT]],
  ["upper", [range("A", "Z")]],
  ["lower", [range("a", "z")]],
  ["space", SPACE],
  ["blank", [range("\t", "\t"), range(" ", " ")]],
  ["punct", [range("!", "/"), range(":", "@"), range("[", "`"), range("{", "~")]],
  ["xdigit", [...DIGIT, range("a", "f"), range("A", "F")]],
  ["word", WORD],
  ["print", [range(" ", "~")]],
  ["graph", [range("!", "~")]],
  [
    "cntrl",
    [
      [0, 0x1f],
      [0x7f, 0x7f],
    ],
  ],
]);
