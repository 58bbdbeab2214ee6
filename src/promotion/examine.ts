import type { Config } from "../config/schema.ts";
import type { CheckId } from "../doctor/checks.ts";
import type { Finding } from "../doctor/finding.ts";
import { runExamination } from "../rounds/examination.ts";

/** Three minutes are enough for a server with some ten domains; behind a dead resolver nothing is learned anyway. */
const DEADLINE_MS = 180_000;
/** They follow the hour, not the settings. */
const NOT_OF_SETTINGS: readonly CheckId[] = ["canary", "self-examination", "queue-age", "backup-age"];

/** By check and subject. */
type Examined = ReadonlyMap<string, Finding>;

/** What a light examination of the running server found, the worst of each check and subject; undefined: it came to no end. */
export async function examined(config: Config): Promise<Examined | undefined> {
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
export const notWell = (found: Examined): readonly string[] =>
  [...found].filter(([, { grade }]) => grade === "fail" || grade === "unknown").map(([key]) => key);

/**
 * What fails now and did not before, in two looks: one lost packet takes nobody's settings back. Undefined: the examination
 * came to no end.
 */
export async function failedSince(
  before: readonly string[],
  look: () => Promise<Examined | undefined>,
): Promise<readonly Finding[] | undefined> {
  const found = await look();
  const failed = found && failedIn(before, found);
  if (failed === undefined || failed.size === 0) return failed && [];
  const again = await look();
  const confirmed = again === undefined ? failed : failedIn(before, again);
  return [...confirmed].flatMap(([key, finding]) => (failed.has(key) ? [finding] : []));
}

const failedIn = (before: readonly string[], found: Examined): Examined =>
  new Map([...found].filter(([key, { grade }]) => grade === "fail" && !before.includes(key)));
