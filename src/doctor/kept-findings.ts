import { CHECK_IDS, type CheckId } from "./checks.ts";
import type { Because, Evidence, Finding } from "./finding.ts";
import type { DoctorFinding, DoctorReport } from "./report-json.ts";
import { isNote, type NoteId } from "./words/notes.ts";
import { SEEN, type SeenId } from "./words/seen.ts";

const checks: ReadonlySet<string> = new Set(CHECK_IDS);

/** The findings of a report that was kept, to be told in any language; what another version called otherwise is left out. */
export const findingsOf = ({ findings }: Pick<DoctorReport, "findings">): readonly Finding[] =>
  findings.flatMap((one) => findingOf(one) ?? []);

/** The same from outside this process, where nothing is certain. */
export function findingsFrom(value: unknown): readonly Finding[] | undefined {
  if (!Array.isArray(value)) return undefined;
  const found = value.map((one) => findingOf(one));
  return found.every((one) => one !== undefined) ? found : undefined;
}

function findingOf(value: unknown): Finding | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  const { check, subject, grade, note, values = {}, because, ...rest } = value as Partial<DoctorFinding>;
  if (typeof check !== "string" || !checks.has(check)) return undefined;
  const evidence = evidenceOf(rest);
  if (typeof subject !== "string" || evidence === undefined) return undefined;
  const cause = becauseOf(because);
  const seen = {
    check: check as CheckId,
    subject,
    evidence,
    ...(cause === undefined ? {} : { because: cause }),
  };
  if (grade === "ok") return { ...seen, grade };
  if (grade !== "warn" && grade !== "fail" && grade !== "unknown") return undefined;
  if (typeof note !== "string" || !isNote(note) || !isTexts(values)) return undefined;
  return { ...seen, grade, note: note as NoteId, values };
}

/** Of a report, which has the sentence beside its name, or of a finding that is only its name. */
function evidenceOf(of: { evidence?: unknown; seen?: unknown; seenValues?: unknown }): Evidence | undefined {
  const { evidence } = of;
  if (typeof evidence === "string") return seenIn(of.seen, of.seenValues) ?? evidence;
  if (typeof evidence !== "object" || evidence === null) return undefined;
  const { seen, values } = evidence as { seen?: unknown; values?: unknown };
  return seenIn(seen, values);
}

/** Absent where another version calls it otherwise. */
const seenIn = (seen: unknown, values: unknown = {}): Evidence | undefined =>
  typeof seen === "string" && Object.hasOwn(SEEN, seen) && isTexts(values)
    ? { seen: seen as SeenId, values }
    : undefined;

function becauseOf(value: DoctorFinding["because"]): Because | undefined {
  if (typeof value !== "object" || value === null || !checks.has(value.check)) return undefined;
  return typeof value.subject === "string"
    ? { check: value.check as CheckId, subject: value.subject }
    : undefined;
}

const isTexts = (value: unknown): value is Readonly<Record<string, string>> =>
  typeof value === "object" &&
  value !== null &&
  Object.values(value).every((text) => typeof text === "string");
