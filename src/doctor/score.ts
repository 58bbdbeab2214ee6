import { checkOf, FAMILIES, type Family } from "./checks.ts";
import type { Finding, Grade } from "./finding.ts";

/** Points of a finding, after Internet.nl: 10 full, 5 for what should be better, 0 for the rest. Unknown earns nothing. */
const POINTS: Readonly<Record<Grade, number>> = { ok: 10, warn: 5, fail: 0, unknown: 0 };
const POINTS_FULL = 10;

export type Score = {
  /** 0 to 100: the mean of the families, each with equal weight. */
  readonly percent: number;
  readonly families: readonly { readonly family: Family; readonly percent: number }[];
  readonly counts: Readonly<Record<Grade, number>>;
};

/** What the findings are worth. Rounded down, so that 100 means all. */
export function scoreOf(findings: readonly Finding[]): Score {
  const families = (Object.keys(FAMILIES) as Family[]).flatMap((family) => {
    const here = findings.filter(({ check }) => checkOf(check).family === family);
    return here.length === 0 ? [] : [{ family, percent: percentOf(here) }];
  });
  const sum = families.reduce((total, { percent }) => total + percent, 0);
  const count = (grade: Grade): number => findings.filter((finding) => finding.grade === grade).length;
  return {
    percent: families.length === 0 ? 0 : Math.floor(sum / families.length),
    families,
    counts: { ok: count("ok"), warn: count("warn"), fail: count("fail"), unknown: count("unknown") },
  };
}

function percentOf(findings: readonly Finding[]): number {
  const earned = findings.reduce((total, { grade }) => total + POINTS[grade], 0);
  return Math.floor((earned * 100) / (findings.length * POINTS_FULL));
}

/** 0: all is well; 1: something should be better or is not known; 2: something is wrong. */
export function exitCode(findings: readonly Finding[]): 0 | 1 | 2 {
  if (findings.some(({ grade }) => grade === "fail")) return 2;
  return findings.every(({ grade }) => grade === "ok") ? 0 : 1;
}
