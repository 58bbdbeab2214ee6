import type { Grade } from "./finding.ts";
import type { DoctorFinding, DoctorReport } from "./report-json.ts";

export type Change = {
  readonly check: string;
  readonly title: string;
  readonly subject: string;
  /** Absent: it was not looked at. */
  readonly before?: Grade;
  readonly now?: Grade;
};

/**
 * What changed between two reports: grades, not evidence, which changes every day. Worse first. Of families that one of
 * them left out (`--only`) nothing is known.
 */
export function changesOf(before: DoctorReport, now: DoctorReport): readonly Change[] {
  const [old, fresh] = [worst(before), worst(now)];
  const [earlier, later] = [familiesOf(before), familiesOf(now)];
  const keys = [...new Set([...old.keys(), ...fresh.keys()])];
  return keys
    .flatMap((key): readonly Change[] => {
      const [one, other] = [old.get(key), fresh.get(key)];
      const known = other ?? one;
      if (known === undefined || one?.grade === other?.grade) return [];
      if (!earlier.has(known.family) || !later.has(known.family)) return [];
      return [
        {
          check: known.check,
          title: known.title,
          subject: known.subject,
          ...(one === undefined ? {} : { before: one.grade }),
          ...(other === undefined ? {} : { now: other.grade }),
        },
      ];
    })
    .sort((one, other) => badness(other.now) - badness(one.now));
}

const familiesOf = ({ findings }: DoctorReport): ReadonlySet<string> =>
  new Set(findings.map(({ family }) => family));

const GRADES = ["ok", "unknown", "warn", "fail"];
const badness = (grade: string | undefined): number => GRADES.indexOf(grade ?? "");

/** One check says several things about a subject at times; the worst counts. */
function worst({ findings }: DoctorReport): ReadonlyMap<string, DoctorFinding> {
  const found = new Map<string, DoctorFinding>();
  for (const finding of findings) {
    const key = `${finding.check} ${finding.subject}`;
    const known = found.get(key);
    if (known === undefined || badness(finding.grade) > badness(known.grade)) found.set(key, finding);
  }
  return found;
}
