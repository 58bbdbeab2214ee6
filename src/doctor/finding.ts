import { printable } from "../base/ascii.ts";
import type { Domain } from "../base/domain-name.ts";
import type { CheckId } from "./checks.ts";
import { DOCTOR_LIMITS } from "./limits.ts";
import type { NoteId } from "./words/notes.ts";
import type { Seen } from "./words/seen.ts";

/** What a check came to. `unknown` is never shown as `ok`, and earns nothing. */
export type Grade = "ok" | "warn" | "fail" | "unknown";

/** A finding by its check and subject. */
export type Because = { readonly check: CheckId; readonly subject: string };

/** What is put into the braces of a note. */
export type Values = Readonly<Record<string, string>>;

/** What was seen, on one line: the text of a protocol as it was, or a sentence of the catalogue. */
export type Evidence = string | Seen;

/** No free text: what stands in the source in words belongs into the catalogue, in every language. */
export type Worded<T> = [T] extends [Domain | Seen | ""]
  ? unknown
  : string extends T
    ? unknown
    : // Words of a protocol: NXDOMAIN, 0755.
      [T] extends [Uppercase<T & string>]
      ? unknown
      : never;

/** One thing that was looked at (DESIGN §3, contract 4). */
export type Finding = {
  readonly check: CheckId;
  /** The domain, host or address it is about. */
  readonly subject: string;
  readonly grade: Grade;
  readonly evidence: Evidence;
  /** What has to be settled first: this is so because of it. */
  readonly because?: Because;
} & (
  | { readonly grade: "ok" }
  /** Why it is not ok and what to do, from the catalogue. */
  | { readonly grade: "warn" | "fail" | "unknown"; readonly note: NoteId; readonly values: Values }
);

export const fine = <const T extends Evidence>(
  check: CheckId,
  subject: string,
  evidence: T & Worded<T>,
): Finding => ({ check, subject, grade: "ok", evidence: shownEvidence(evidence) });

const notFine =
  (grade: "warn" | "fail" | "unknown") =>
  <const T extends Evidence>(
    check: CheckId,
    subject: string,
    evidence: T & Worded<T>,
    note: NoteId,
    values: Values = {},
  ): Finding => ({
    check,
    subject,
    grade,
    evidence: shownEvidence(evidence),
    note,
    values: shownValues(values),
  });

export const warning = notFine("warn");
export const failure = notFine("fail");
export const unknown = notFine("unknown");

/** The same as a consequence of another. */
export const dueTo = (finding: Finding, { check, subject }: Because): Finding => ({
  ...finding,
  because: { check, subject },
});

/** Two checks that fail for one reason: it is told once. */
export const saidOnce = (first: Finding, second: Finding): readonly Finding[] => [
  first,
  dueTo(second, first),
];

const shownEvidence = (evidence: Evidence): Evidence =>
  typeof evidence === "string"
    ? shown(evidence)
    : { seen: evidence.seen, values: shownValues(evidence.values) };

const shownValues = (values: Values): Values =>
  Object.fromEntries(Object.entries(values).map(([name, value]) => [name, shown(value)]));

const shown = (text: string): string => printable(text, DOCTOR_LIMITS.evidenceChars);
