import type { Job } from "./job.ts";
import type { Phrase } from "../doctor/words/phrase.ts";
import type { Language } from "../journal/words/language.ts";
import { errorWords, type CodedError } from "./words/errors.ts";
import type { SetupWord } from "./words/sentences.ts";

export type StepId =
  | "preflight"
  | "user"
  | "directories"
  | "configuration"
  | "domain"
  | "account"
  | "service"
  | "records"
  | "certificate"
  | "issuance"
  | "pinned-key"
  | "start"
  | "self-test";

/**
 * `done`: as it should be. `todo`: setup will do it. `waiting`: something only the operator, or time, can do.
 * `failed`: was tried and did not work.
 */
export type Standing = "done" | "todo" | "waiting" | "failed";

/** How it stands with a step: a sentence of the catalogue, what to do, and lines to copy. */
export type Look = {
  readonly standing: Standing;
  readonly word: SetupWord;
  readonly values: Readonly<Record<string, string>>;
  readonly remedy?: { readonly word: SetupWord; readonly values: Readonly<Record<string, string>> };
  /** Shown as they are. */
  readonly lines?: readonly string[];
};

/**
 * One step. It asks the world, not its memory, whether it is done: so it can be taken again at any time, and a run that
 * was killed goes on where the world is.
 */
export type Step = {
  readonly id: StepId;
  readonly title: Phrase;
  /** Nothing after it makes sense without it. */
  readonly essential: boolean;
  look(job: Job): Promise<Look>;
  act(job: Job): Promise<Look>;
};

type Values = Readonly<Record<string, string>>;

const standing =
  (kind: Standing) =>
  (word: SetupWord, values: Values = {}, more: Pick<Look, "remedy" | "lines"> = {}): Look => ({
    standing: kind,
    word,
    values,
    ...more,
  });

export const done = standing("done");
export const todo = standing("todo");
export const waiting = standing("waiting");
export const failed = standing("failed");

/** A refusal of the rooms below, in the operator's language. */
export function refusal(error: CodedError, language: Language): Look {
  const { message, remedy } = errorWords(error, language);
  return failed("refused", { message }, { remedy: { word: "plain", values: { text: remedy } } });
}
