import type { Config } from "../config/schema.ts";
import type { CheckId } from "../doctor/checks.ts";
import type { Finding } from "../doctor/finding.ts";
import { runExamination } from "../rounds/examination.ts";

/** Three minutes are enough for a server with some ten domains; behind a dead resolver nothing is learned anyway. */
const DEADLINE_MS = 180_000;
/** They follow the hour, not the settings. */
const NOT_OF_SETTINGS: readonly CheckId[] = ["canary", "self-examination", "queue-age", "backup-age"];

/** What a light examination of the running server found, the worst of each check and subject; undefined: it came to no end. */
export async function examined(config: Config): Promise<ReadonlyMap<string, Finding> | undefined> {
  const never = new AbortController().signal;
  const ended = await runExamination({ config, kind: "light" }, never, { deadline_ms: DEADLINE_MS });
  if (!ended.ok) return undefined;
  const worst = new Map<string, Finding>();
  for (const finding of ended.value.looked) {
    if (NOT_OF_SETTINGS.includes(finding.check)) continue;
    const key = `${finding.check} ${finding.subject}`;
    const known = worst.get(key);
    if (known === undefined || badness(finding) > badness(known)) worst.set(key, finding);
  }
  return worst;
}

const badness = ({ grade }: Finding): number => ["ok", "unknown", "warn", "fail"].indexOf(grade);

/** Checks and subjects that cannot turn for the worse any more: they failed already, or could not be told. */
export const notWell = (found: ReadonlyMap<string, Finding>): readonly string[] =>
  [...found].filter(([, { grade }]) => grade === "fail" || grade === "unknown").map(([key]) => key);

/** What fails now and did not before. */
export const failedSince = (
  before: readonly string[],
  found: ReadonlyMap<string, Finding>,
): readonly Finding[] =>
  [...found].filter(([key, { grade }]) => grade === "fail" && !before.includes(key)).map(([, one]) => one);
