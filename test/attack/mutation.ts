import type { CheckId } from "../../src/doctor/checks.ts";
import type { Grade } from "../../src/doctor/finding.ts";
import type { NoteId } from "../../src/doctor/words/notes.ts";

/** A text that stands once in a file, and what takes its place. */
export type Edit = { readonly file: string; readonly before: string; readonly after: string };
export type Mutation = {
  readonly name: string;
  readonly edits: readonly Edit[];
  /** What must turn red, and how. */
  readonly check: CheckId;
  readonly grade: Extract<Grade, "fail" | "warn">;
  readonly note: NoteId;
  /** What must turn red as well. */
  readonly also: readonly CheckId[];
  /** The attack waits for time to pass. */
  readonly slow: boolean;
};

type More = Partial<Pick<Mutation, "grade" | "note" | "also" | "slow">>;

export const removed = (
  name: string,
  check: CheckId,
  edits: readonly (readonly [file: string, before: string, after: string])[],
  { grade = "fail", note = check as NoteId, also = [], slow = false }: More = {},
): Mutation => ({
  name,
  check,
  grade,
  note,
  also,
  slow,
  edits: edits.map(([file, before, after]) => ({ file, before, after })),
});
