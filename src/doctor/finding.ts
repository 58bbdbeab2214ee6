import { printable } from "../base/ascii.ts";
import type { CheckId } from "./checks.ts";
import { DOCTOR_LIMITS } from "./limits.ts";
import type { NoteId } from "./words/notes.ts";

/** What a check came to. `unknown` is never shown as `ok`, and earns nothing. */
export type Grade = "ok" | "warn" | "fail" | "unknown";

/** A finding by its check and subject. */
export type Because = { readonly check: CheckId; readonly subject: string };

/** What is put into the braces of a note. */
export type Values = Readonly<Record<string, string>>;

/** One thing that was looked at (DESIGN §3, contract 4). */
export type Finding = {
  readonly check: CheckId;
  /** The domain, host or address it is about. */
  readonly subject: string;
  readonly grade: Grade;
  /** What was seen, as it was seen, on one line. */
  readonly evidence: string;
  /** What has to be settled first: this is so because of it. */
  readonly because?: Because;
} & (
  | { readonly grade: "ok" }
  /** Why it is not ok and what to do, from the catalogue. */
  | { readonly grade: "warn" | "fail" | "unknown"; readonly note: NoteId; readonly values: Values }
);

export const fine = (check: CheckId, subject: string, evidence: string): Finding => ({
  check,
  subject,
  grade: "ok",
  evidence: shown(evidence),
});

const notFine =
  (grade: "warn" | "fail" | "unknown") =>
  (check: CheckId, subject: string, evidence: string, note: NoteId, values: Values = {}): Finding => ({
    check,
    subject,
    grade,
    evidence: shown(evidence),
    note,
    values: Object.fromEntries(Object.entries(values).map(([name, value]) => [name, shown(value)])),
  });

export const warning = notFine("warn");
export const failure = notFine("fail");
export const unknown = notFine("unknown");

/** The same as a consequence of another. */
export const dueTo = (finding: Finding, { check, subject }: Because): Finding => ({
  ...finding,
  because: { check, subject },
});

const shown = (text: string): string => printable(text, DOCTOR_LIMITS.evidenceChars);
