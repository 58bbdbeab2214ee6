import { ZxcvbnFactory } from "@zxcvbn-ts/core";
import { adjacencyGraphs, dictionary } from "@zxcvbn-ts/language-common";
import { err, ok, type Result } from "../base/result.ts";

/** NIST SP 800-63B-4 §3.1.1.2: fifteen characters where the password is the only factor (F-01). */
export const PASSWORD_CODE_POINTS_MIN = 15;
/** A passphrase of forty words still fits; a megabyte does not reach the hash (F-02). */
export const PASSWORD_CODE_POINTS_MAX = 256;
/** Passwords that fall within this many guesses are as good as known: 10^10 is a day for one cheap machine. */
const GUESSES_LOG10_MIN = 10;
/** Patterns are looked for in the beginning only: the search is not linear in the length. */
const ANALYSED_CODE_POINTS_MAX = 64;

export type WeakPassword = {
  readonly reason: "too-short" | "too-long" | "control-character" | "too-common";
  readonly text: string;
};

/**
 * Checks a password a person chose: length, and how soon a guesser who knows common passwords, names, keyboard walks,
 * sequences, repetitions and look-alike letters would have it (F-01 to F-03). No rules of composition. `personal`:
 * words a guesser knows of this person, such as login name and domain.
 */
export function checkPassword(password: string, personal: readonly string[]): Result<string, WeakPassword> {
  const normal = password.normalize("NFC");
  const points = [...normal];
  if (/[\u0000-\u001f\u007f-\u009f]/.test(normal))
    return weak("control-character", "A password cannot hold control characters.");
  if (points.length < PASSWORD_CODE_POINTS_MIN) {
    return weak(
      "too-short",
      `This password has ${points.length} characters; ${PASSWORD_CODE_POINTS_MIN} are needed. Four or five random words do well.`,
    );
  }
  if (points.length > PASSWORD_CODE_POINTS_MAX)
    return weak("too-long", `A password may have at most ${PASSWORD_CODE_POINTS_MAX} characters.`);
  const { guessesLog10 } = estimator().check(points.slice(0, ANALYSED_CODE_POINTS_MAX).join(""), [
    ...personal,
    "wachpost",
  ]);
  if (guessesLog10 < GUESSES_LOG10_MIN) {
    return weak(
      "too-common",
      "This password is among those that are tried first: a common one, a name, a pattern or a repetition.",
    );
  }
  return ok(normal);
}

const weak = (reason: WeakPassword["reason"], text: string): Result<string, WeakPassword> =>
  err({ reason, text });

/** Reading 49,000 common passwords takes 100 ms; only commands that set a password pay for it. */
let made: ZxcvbnFactory | undefined;
const estimator = (): ZxcvbnFactory => (made ??= new ZxcvbnFactory({ dictionary, graphs: adjacencyGraphs }));
