import type { CommonPasswords } from "./common-passwords.ts";
import { longestWalk } from "./keyboard-walk.ts";

/**
 * How many guesses a password withstands, as a power of ten. The guesser knows common passwords and words about the
 * person, and joins them with what people join them with: digits, years, sequences, keyboard walks, repetitions,
 * capitals, look-alike letters. The password is cut into such pieces in the way that is cheapest for the guesser.
 */
export type Guess = {
  readonly guesses_log10: number;
  /** The cheapest way uses a word about the person. */
  readonly personal: boolean;
};
export type Known = { readonly common: CommonPasswords; readonly personal: ReadonlySet<string> };

/** A part of the password from some start, and what guessing it costs (log10). */
type Piece = { readonly length: number; readonly cost: number; readonly personal?: boolean };
type Text = {
  /** Code points as typed. */
  readonly typed: readonly string[];
  /** The same, lower case. */
  readonly lower: readonly string[];
};
type Finder = (text: Text, start: number, known: Known) => Iterable<Piece>;

/** More is not looked at: what is strong here is strong, and the search stays below a few milliseconds. */
const POINTS_MAX = 64;
const WORD_POINTS_MIN = 3;
const SEQUENCE_POINTS_MIN = 3;
const WALK_POINTS_MIN = 4;
/** Once per piece that is more than a single character: the guesser must try how pieces are joined. */
const JOIN = 0.3;
const ONE_OF_TWO = 0.3;

export function guessCount(password: string, known: Known): Guess {
  const typed = Array.from(password.normalize("NFKC")).slice(0, POINTS_MAX);
  return cheapest({ typed, lower: typed.map(lowerPoint) }, known, [...SIMPLE, repeatedBlocks]);
}

/** One code point stays one, so that positions agree. */
function lowerPoint(point: string): string {
  const lower = point.toLowerCase();
  return Array.from(lower).length === 1 ? lower : point;
}

/** Cheapest way to each position, from left to right. */
function cheapest(text: Text, known: Known, finders: readonly Finder[]): Guess {
  const best: Guess[] = [{ guesses_log10: 0, personal: false }];
  for (let start = 0; start < text.typed.length; start++) {
    const here = best[start] ?? { guesses_log10: 0, personal: false };
    for (const finder of finders) {
      for (const { length, cost, personal = false } of finder(text, start, known)) {
        const guesses_log10 = here.guesses_log10 + cost + (length > 1 ? JOIN : 0);
        if (guesses_log10 < (best[start + length]?.guesses_log10 ?? Infinity)) {
          best[start + length] = { guesses_log10, personal: personal || here.personal };
        }
      }
    }
  }
  return best[text.typed.length] ?? { guesses_log10: 0, personal: false };
}

/** One character about which nothing is known. */
function* single({ typed }: Text, start: number): Iterable<Piece> {
  const point = typed[start] ?? "";
  const cost = /[ ._-]/.test(point) ? 0.5 : /[0-9]/.test(point) ? 1 : /[!-~]/.test(point) ? 1.5 : 2;
  yield { length: 1, cost };
}

const LOOK_ALIKES: Readonly<Record<string, string>> = {
  "0": "o",
  "1": "i",
  "3": "e",
  "4": "a",
  "5": "s",
  "7": "t",
  "8": "b",
  "9": "g",
  "@": "a",
  $: "s",
  "!": "i",
  "|": "l",
};

/** A common password or a word about the person: as it is, backwards, or with look-alike letters. */
function* words(text: Text, start: number, known: Known): Iterable<Piece> {
  for (let length = WORD_POINTS_MIN; start + length <= text.lower.length; length++) {
    const part = text.lower.slice(start, start + length);
    const capitals = capitalCost(text.typed.slice(start, start + length));
    const plain = part.join("");
    const variants = [
      { word: plain, extra: 0 },
      { word: part.toReversed().join(""), extra: ONE_OF_TWO },
      { word: part.map((point) => LOOK_ALIKES[point] ?? point).join(""), extra: ONE_OF_TWO },
    ];
    for (const { word, extra } of variants) {
      if (known.personal.has(word)) yield { length, cost: 1 + extra + capitals, personal: true };
      const rank = known.common.get(word);
      if (rank !== undefined) yield { length, cost: Math.log10(rank) + extra + capitals };
    }
  }
}

/** None, the first or all cost next to nothing; anywhere else each is a choice. */
function capitalCost(typed: readonly string[]): number {
  const capitals = typed.filter((point) => point !== point.toLowerCase()).length;
  if (capitals === 0) return 0;
  const first = typed[0] ?? "";
  const usual = capitals === typed.length || (capitals === 1 && first !== first.toLowerCase());
  return usual ? ONE_OF_TWO : ONE_OF_TWO * Math.min(capitals, typed.length - capitals + 1);
}

/** `aaaa`, `abcdef`, `9876`. */
function* sequences({ lower }: Text, start: number): Iterable<Piece> {
  const code = (at: number): number => lower[at]?.codePointAt(0) ?? Number.NaN;
  const step = code(start + 1) - code(start);
  if (![0, 1, -1].includes(step)) return;
  let end = start + 2;
  while (end < lower.length && code(end) - code(end - 1) === step) end++;
  for (let length = SEQUENCE_POINTS_MIN; length <= end - start; length++) {
    yield { length, cost: 1.5 + Math.log10(length) };
  }
}

/** `qwertz`, `1qaz`, `789456`. The first key is one of some fifty; each turn goes one of five other ways. */
function* walks({ lower }: Text, start: number): Iterable<Piece> {
  const { length, turns } = longestWalk(lower, start);
  if (length >= WALK_POINTS_MIN) yield { length, cost: 1.7 + Math.log10(length) + 0.7 * turns };
}

/** Years that mean something to somebody alive, and days of those years. */
function* dates({ typed }: Text, start: number): Iterable<Piece> {
  const text = typed.slice(start, start + 10).join("");
  if (/^(?:19|20)[0-9]{2}/.test(text)) yield { length: 4, cost: 2.2 };
  const day = /^[0-3]?[0-9]([./-]?)[01]?[0-9]\1(?:(?:19|20)[0-9]{2}|[0-9]{2})/.exec(text);
  if (day && day[0].length >= 6) yield { length: day[0].length, cost: 4.6 };
}

const SIMPLE: readonly Finder[] = [single, words, sequences, walks, dates];

/** A block said again and again costs the block once, and how often. */
function* repeatedBlocks(text: Text, start: number, known: Known): Iterable<Piece> {
  const rest = text.lower.length - start;
  for (let block = 2; block * 2 <= rest; block++) {
    let times = 1;
    while (repeats(text.lower, start, block, times)) times++;
    if (times < 2) continue;
    const once = {
      typed: text.typed.slice(start, start + block),
      lower: text.lower.slice(start, start + block),
    };
    const { guesses_log10, personal } = cheapest(once, known, SIMPLE);
    yield { length: block * times, cost: guesses_log10 + Math.log10(times), personal };
  }
}

function repeats(lower: readonly string[], start: number, block: number, times: number): boolean {
  const from = start + block * times;
  if (from + block > lower.length) return false;
  for (let i = 0; i < block; i++) if (lower[start + i] !== lower[from + i]) return false;
  return true;
}
