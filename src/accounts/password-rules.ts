import { err, ok, type Result } from "../base/result.ts";
import { prepare } from "../sasl/prepare.ts";
import type { CommonPasswords } from "./common-passwords.ts";
import { guessCount } from "./guess-count.ts";

/** NIST SP 800-63B-4 §3.1.1.2: fifteen characters where the password is the only factor (F-01). */
export const PASSWORD_CODE_POINTS_MIN = 15;
/** A passphrase of forty words still fits; a megabyte does not reach the hash (F-02). */
export const PASSWORD_CODE_POINTS_MAX = 256;
/**
 * Fewer guesses than this, and the password is as good as known: 10^10 tries of the cheapest hash we keep (60 ms) are
 * twenty years of one core for whoever has stolen the hashes, and hopeless for whoever must ask the server.
 */
const GUESSES_LOG10_MIN = 10;
/** Guessed of everybody here. */
const PRODUCT = ["wachpost", "mail", "email", "postmaster"];
const PERSONAL_POINTS_MIN = 3;

export type WeakPassword = {
  readonly reason: "too-short" | "too-long" | "not-text" | "personal" | "too-common";
  readonly text: string;
};

/**
 * Checks a password a person chose, and returns it as it is hashed: length, and how soon a guesser would have it who
 * knows common passwords and `personal`: login name, domain and name of this person (F-01 to F-03). There are no rules
 * of composition: any characters but controls, and no kind of them is asked for.
 */
export function checkPassword(
  password: string,
  personal: readonly string[],
  common: CommonPasswords,
): Result<string, WeakPassword> {
  const prepared = prepare(password);
  const length = Array.from(prepared ?? password).length;
  if (length > PASSWORD_CODE_POINTS_MAX)
    return weak("too-long", `A password may have at most ${PASSWORD_CODE_POINTS_MAX} characters.`);
  if (length < PASSWORD_CODE_POINTS_MIN) {
    return weak(
      "too-short",
      `This password has ${length} characters; ${PASSWORD_CODE_POINTS_MIN} are needed. Four or five random words do well.`,
    );
  }
  if (prepared === undefined)
    return weak("not-text", "A password cannot hold control characters, nor more than 1024 octets.");
  const known = { common, personal: wordsOf([...personal, ...PRODUCT]) };
  const guess = guessCount(prepared, known);
  if (guess.guesses_log10 >= GUESSES_LOG10_MIN) return ok(prepared);
  return guess.personal
    ? weak(
        "personal",
        "This password is made of a name that anybody would try: the user's, the domain's or ours.",
      )
    : weak(
        "too-common",
        "This password is made of what is tried first: common passwords, patterns, repetitions.",
      );
}

const weak = (reason: WeakPassword["reason"], text: string): Result<string, WeakPassword> =>
  err({ reason, text });

/** Names whole and in their parts: `Anna Berg` and `anna.berg@example.org` give anna, berg, example and more. */
function wordsOf(texts: readonly string[]): ReadonlySet<string> {
  const parts = texts.flatMap((text) => [text, ...text.split(/[^\p{L}\p{N}]+/u)]);
  return new Set(
    parts
      .map((part) => part.normalize("NFKC").toLowerCase())
      .filter((part) => part.length >= PERSONAL_POINTS_MIN),
  );
}
