import type { DoctorFinding, DoctorReport } from "./report-json.ts";

export type Change = {
  readonly check: string;
  readonly title: string;
  readonly subject: string;
  /** Absent: it was not looked at. */
  readonly before?: string;
  readonly now?: string;
};

/** What changed between two reports: grades, not evidence, which changes every day. Worse first. */
export function changesOf(before: DoctorReport, now: DoctorReport): readonly Change[] {
  const [old, fresh] = [worst(before), worst(now)];
  const keys = [...new Set([...old.keys(), ...fresh.keys()])];
  return keys
    .flatMap((key): readonly Change[] => {
      const [one, other] = [old.get(key), fresh.get(key)];
      const known = other ?? one;
      if (known === undefined || one?.grade === other?.grade) return [];
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
