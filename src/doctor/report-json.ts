import type { Language } from "../journal/words/language.ts";
import { checkOf, FAMILIES, type Family } from "./checks.ts";
import type { Finding, Grade } from "./finding.ts";
import { internetNl, NOT_LOOKED_AT } from "./internet-nl.ts";
import { letterOf } from "./letter.ts";
import { exitCode, scoreOf } from "./score.ts";
import { evidenceText, told } from "./words/told.ts";

/** The schema of `wachpost doctor --json`. Fields are added, never changed; `schema` rises if one has to be. */
export type DoctorReport = {
  readonly schema: 1;
  readonly score: number;
  /** TLS in the manner of testssl.sh; absent where no TLS was seen. */
  readonly letter?: string;
  /** As far as the subtests of Internet.nl are looked at here. */
  readonly internetNl?: {
    readonly percent: number;
    readonly subtests: readonly {
      readonly id: string;
      readonly name: string;
      readonly grade: Grade;
      readonly points: number;
    }[];
    /** Those no check here answers; they count nowhere. */
    readonly notLookedAt: readonly { readonly id: string; readonly name: string; readonly why: string }[];
  };
  readonly exit: 0 | 1 | 2;
  readonly counts: Readonly<Record<Grade, number>>;
  readonly families: readonly { readonly family: Family; readonly title: string; readonly score: number }[];
  readonly findings: readonly DoctorFinding[];
  /** On a trial server: what has to be so there, and counts for nothing. */
  readonly expected?: readonly DoctorFinding[];
};
export type DoctorFinding = {
  readonly check: string;
  readonly family: Family;
  readonly title: string;
  readonly subject: string;
  readonly grade: Grade;
  readonly evidence: string;
  /** Where `evidence` is a sentence of ours: which, and what it was made with. */
  readonly seen?: string;
  readonly seenValues?: Readonly<Record<string, string>>;
  /** Only where the grade is not ok; `values` is what `why` and `remedy` were made with. */
  readonly note?: string;
  readonly values?: Readonly<Record<string, string>>;
  readonly why?: string;
  readonly remedy?: string;
  /** The finding that has to be settled first: this one is its consequence. */
  readonly because?: { readonly check: string; readonly subject: string };
  readonly source: string;
  /** Subtests of the Internet.nl mail test. */
  readonly internetNl?: string;
};

export function reportJson(
  findings: readonly Finding[],
  language: Language,
  expected: readonly Finding[] = [],
): DoctorReport {
  const letter = letterOf(findings)?.letter;
  const nl = internetNl(findings);
  const { percent, families, counts } = scoreOf(findings);
  return {
    schema: 1,
    score: percent,
    ...(letter === undefined ? {} : { letter }),
    ...(nl === undefined
      ? {}
      : {
          internetNl: {
            percent: nl.percent,
            subtests: nl.subtests.map(({ subtest: { id, name }, grade, points }) => ({
              id,
              name,
              grade,
              points,
            })),
            notLookedAt: NOT_LOOKED_AT.map(({ id, name, notLookedAt }) => ({
              id,
              name,
              why: notLookedAt[language],
            })),
          },
        }),
    exit: exitCode(findings),
    counts,
    families: families.map((one) => ({
      family: one.family,
      title: FAMILIES[one.family][language],
      score: one.percent,
    })),
    findings: findings.map((finding) => findingJson(finding, language)),
    ...(expected.length === 0 ? {} : { expected: expected.map((finding) => findingJson(finding, language)) }),
  };
}

function findingJson(finding: Finding, language: Language): DoctorFinding {
  const { family, title, source, internetNl } = checkOf(finding.check);
  return {
    check: finding.check,
    family,
    title: title[language],
    subject: finding.subject,
    grade: finding.grade,
    evidence: evidenceText(finding.evidence, language),
    ...(typeof finding.evidence === "string"
      ? {}
      : { seen: finding.evidence.seen, seenValues: finding.evidence.values }),
    ...(finding.grade === "ok"
      ? {}
      : { note: finding.note, values: finding.values, ...told(finding, language) }),
    ...(finding.because === undefined ? {} : { because: finding.because }),
    source,
    ...(internetNl === undefined ? {} : { internetNl }),
  };
}
