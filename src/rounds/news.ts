import type { AlertChange } from "../alerts/book.ts";
import type { Condition } from "../alerts/conditions.ts";
import { checkOf, type CheckId } from "../doctor/checks.ts";
import type { Finding } from "../doctor/finding.ts";
import { told } from "../doctor/words/told.ts";
import type { Language } from "../journal/words/language.ts";
import { ROUNDS_LIMITS } from "./limits.ts";
import type { ExaminationDue } from "./schedule.ts";

type Bad = "unknown" | "warn" | "fail";
type BadFinding = Finding & { readonly grade: Bad };

/** What is known of one check of one subject that is not in order. */
export type Standing = {
  /** What the operator knows of it; absent: nothing yet. */
  readonly told?: Bad;
  /** Rounds in a row in which it could not be learned. */
  readonly unknown: number;
  /** Rounds in a row in which it was worse than told, and in which it was well again, where one round proves little. */
  readonly worse?: number;
  readonly well?: number;
  readonly alert: Condition;
};
export type Book = ReadonlyMap<string, Standing>;
export type News = { readonly book: Book; readonly changes: readonly AlertChange[] };

/** The alerts of `alerts/conditions.ts` tell these, sooner. */
const TOLD_ELSEWHERE: readonly CheckId[] = [
  "canary",
  "disk-free",
  "queue-age",
  "certificate-file",
  "cert-days",
  "backup-age",
];
/** Mail is lost, or strangers send through us. */
const URGENT: readonly CheckId[] = [
  "server-answers",
  "reachable",
  "relay",
  "relay-forms",
  "smuggling",
  "mx-exists",
  "mx-ours",
];

/** What the DNS and the servers of others say: one lost packet changes it for a round. */
const isFlighty = ({ check }: Finding): boolean => ["dns", "authentication"].includes(checkOf(check).family);

/** What was known before an examination. */
export type Before = {
  /** Undefined: there was none. */
  readonly book: Book | undefined;
  /** Checks and subjects that were looked at; undefined where that is not known any more. */
  readonly looked?: ReadonlySet<string>;
};

/**
 * What has become worse or well with this examination (G-01, G-02, G-12). What is looked at for the first time, as all is at
 * first and a domain when it is new, is the state of things and no news; it will be good news when it mends. What hangs on the
 * network has to be so twice in a row before it is told, bad or well.
 */
export function newsOf(
  { book, looked }: Before,
  found: readonly Finding[],
  kind: ExaminationDue,
  language: Language,
): News {
  const now = worstOf(withoutConsequences(found));
  const next = new Map<string, Standing>();
  const changes: AlertChange[] = [];
  // What a full examination does not speak of any more is not there any more.
  for (const [key, standing] of book ?? [])
    if (!now.has(key) && (kind === "light" || isSkipped(key, found))) next.set(key, standing);
  for (const [key, finding] of now) {
    const before = book?.get(key);
    if (!isBad(finding)) {
      if (before?.told === undefined) continue;
      const well = (before.well ?? 0) + 1;
      if (isFlighty(finding) && well < ROUNDS_LIMITS.sameRounds)
        next.set(key, { told: before.told, unknown: 0, well, alert: before.alert });
      else changes.push({ state: "cleared", alert: { ...before.alert, kind: "doctor-well" } });
      continue;
    }
    const isFirst = book === undefined || (before === undefined && looked?.has(key) === false);
    const judged = judge(before, finding, isFirst, language);
    if (judged.isNews) changes.push({ state: "raised", alert: judged.standing.alert });
    if (next.size < ROUNDS_LIMITS.standingMax) next.set(key, judged.standing);
  }
  return { book: next, changes: shortened(changes) };
}

function judge(
  before: Standing | undefined,
  finding: BadFinding,
  isFirst: boolean,
  language: Language,
): { readonly standing: Standing; readonly isNews: boolean } {
  const { grade } = finding;
  const unknown = grade === "unknown" ? (before?.unknown ?? 0) + 1 : 0;
  const alert = conditionOf(finding, language);
  if (isFirst) return { standing: { told: grade, unknown, alert }, isNews: false };
  const told = before?.told;
  if (grade === "unknown" && told !== undefined) {
    // It may still be as it was, and nobody can tell.
    return { standing: { told, unknown, alert: before?.alert ?? alert }, isNews: false };
  }
  if (grade === "unknown" && unknown < ROUNDS_LIMITS.unknownRounds)
    return { standing: { unknown, alert }, isNews: false };
  const isWorse = told === undefined || badness(grade) > badness(told);
  const worse = isWorse ? (before?.worse ?? 0) + 1 : 0;
  if (isWorse && grade !== "unknown" && isFlighty(finding) && worse < ROUNDS_LIMITS.sameRounds) {
    const known = told === undefined ? { alert } : { told, alert: before?.alert ?? alert };
    return { standing: { ...known, unknown, worse }, isNews: false };
  }
  return { standing: { told: grade, unknown, alert }, isNews: isWorse };
}

const GRADES = ["ok", "unknown", "warn", "fail"];
const badness = (grade: Finding["grade"]): number => GRADES.indexOf(grade);
const isBad = (finding: Finding): finding is BadFinding => finding.grade !== "ok";
export const keyOf = ({ check, subject }: { readonly check: string; readonly subject: string }): string =>
  `${check} ${subject}`;

/** One check says several things about a subject at times; the worst counts. */
function worstOf(found: readonly Finding[]): ReadonlyMap<string, Finding> {
  const worst = new Map<string, Finding>();
  for (const finding of found) {
    if (TOLD_ELSEWHERE.includes(finding.check)) continue;
    const known = worst.get(keyOf(finding));
    if (known === undefined || badness(finding.grade) > badness(known.grade))
      worst.set(keyOf(finding), finding);
  }
  return worst;
}

/** Where a port does not answer, nobody needs to hear that its ciphers could not be looked at. */
function withoutConsequences(found: readonly Finding[]): readonly Finding[] {
  const failed = new Set(found.filter(({ grade }) => grade === "fail").map(({ subject }) => subject));
  return found.filter((finding) => !isConsequence(finding, failed));
}

const isConsequence = (finding: Finding, failed: ReadonlySet<string>): boolean =>
  finding.because?.check === "server-answers" ||
  (finding.grade === "unknown" && finding.note === "not-looked" && failed.has(finding.subject));

/** It was to be looked at, and something in front of it failed. */
const isSkipped = (key: string, found: readonly Finding[]): boolean =>
  found.some((finding) => finding.grade === "unknown" && keyOf(finding) === key);

function conditionOf(finding: BadFinding, language: Language): Condition {
  const { check, subject, grade } = finding;
  return {
    id: `doctor:${keyOf(finding)}`,
    kind: grade === "fail" ? "doctor-fail" : grade === "warn" ? "doctor-warn" : "doctor-unknown",
    urgent: grade === "fail" && URGENT.includes(check),
    values: {
      title: checkOf(check).title[language],
      subject,
      ...told(finding, language),
    },
  };
}

/** The worst first; of many only the first, and how many more. */
function shortened(changes: readonly AlertChange[]): readonly AlertChange[] {
  const raised = changes
    .filter(({ state }) => state === "raised")
    .toSorted((one, other) => weight(other) - weight(one));
  const cleared = changes.filter(({ state }) => state === "cleared");
  return [...cut(raised), ...cut(cleared)];
}

const weight = ({ alert }: AlertChange): number =>
  ["doctor-unknown", "doctor-warn", "doctor-fail"].indexOf(alert.kind) + (alert.urgent ? 1 : 0);

function cut(changes: readonly AlertChange[]): readonly AlertChange[] {
  const more = changes.length - ROUNDS_LIMITS.newsOfLetter;
  const [first] = changes;
  if (more <= 0 || first === undefined) return changes;
  const alert: Condition = {
    id: "doctor:more",
    kind: "doctor-more",
    urgent: false,
    values: { count: String(more) },
  };
  return [...changes.slice(0, ROUNDS_LIMITS.newsOfLetter), { state: first.state, alert }];
}
