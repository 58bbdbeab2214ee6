/** What earlier examinations said, without a new one. */
import type { Command } from "commander";
import { systemClock } from "../base/clock.ts";
import { OperatorError } from "../base/operator-error.ts";
import {
  historyDirectory,
  keptReports,
  lastScheduled,
  newestReport,
  type Earlier,
  type Kept,
} from "../doctor/history.ts";
import { findingsOf } from "../doctor/kept-findings.ts";
import { reportJson } from "../doctor/report-json.ts";
import { reportText } from "../doctor/report.ts";
import { exitCode } from "../doctor/score.ts";
import { say } from "../doctor/words/phrase.ts";
import { HISTORY_WORDS } from "../doctor/words/report-words.ts";
import type { Language } from "../journal/words/language.ts";
import { outputOf } from "./context.ts";
import { duration_ms } from "./duration.ts";
import { table } from "./output.ts";

type Shown = {
  readonly language: Language;
  readonly colour: boolean;
  readonly columns: number;
  readonly all: boolean;
};

/** `2026-11-30 03:15`, UTC. */
export const minuteOf = (at_ms: number): string =>
  new Date(at_ms).toISOString().slice(0, 16).replace("T", " ");

/** `doctor --history`: a line for each examination that is kept. */
export async function showHistory(
  command: Command,
  data: string | undefined,
  subject: string,
  language: Language,
): Promise<void> {
  const found: Earlier[] = [];
  for (const kept of await keptReports(historyDirectory(data, subject))) {
    const one = await newestReport([kept]);
    if (one !== undefined) found.push(one);
  }
  const rows = found.map(({ at_ms, kind, report: { score, counts } }) => [
    minuteOf(at_ms),
    say(HISTORY_WORDS[kind], language, {}),
    String(score),
    ...[counts.ok, counts.warn, counts.fail, counts.unknown].map(String),
  ]);
  const heading = HISTORY_WORDS.columns[language].split(" ");
  const values = found.map(({ at_ms, kind, report: { score, counts } }) => ({
    at: new Date(at_ms).toISOString(),
    kind,
    score,
    counts,
  }));
  outputOf(command).show(
    { schema: 1, examinations: values },
    rows.length === 0 ? say(HISTORY_WORDS.none, language, {}) : table([heading, ...rows]),
  );
}

/** `doctor --last`: what the server found by itself. */
export async function showLast(
  command: Command,
  data: string | undefined,
  { language, colour, columns, all }: Shown,
): Promise<void> {
  const last = await lastScheduled(historyDirectory(data, "self"));
  if (last === undefined)
    throw new OperatorError(
      "no-examination",
      "The server has not examined itself yet.",
      "It does so some minutes after its start, where [doctor] enabled is true; `wachpost doctor` does it now.",
    );
  const { full, light, report } = last;
  const looked = findingsOf(report);
  const expected = findingsOf({ findings: report.expected ?? [] });
  const dates = { full: full && minuteOf(full.at_ms), light: light && minuteOf(light.at_ms) };
  const headline = [
    ...(dates.full === undefined ? [] : [say(HISTORY_WORDS.lastfull, language, { date: dates.full })]),
    ...(dates.light === undefined ? [] : [say(HISTORY_WORDS.lastlight, language, { date: dates.light })]),
  ].join("\n");
  const text = reportText(looked, { language, colour, columns, all, expected });
  outputOf(command).show({ ...dates, ...reportJson(looked, language, expected) }, `${headline}\n\n${text}`);
  process.exitCode = exitCode(looked);
}

/** The examination to compare with: the last whole one, or the last no later than `when`. */
export async function earlierReport(directory: string, when: string | true): Promise<Earlier | undefined> {
  const until_ms = when === true ? Infinity : instantOf(when, systemClock.now());
  const isWhole = ({ kind, at_ms }: Kept): boolean => kind !== "light" && at_ms <= until_ms;
  return newestReport(await keptReports(directory), isWhole);
}

const DAY_MS = 86_400_000;

/** `yesterday`, `12h`, `2026-11-29` (the end of that day), `2026-11-29 03:15`; UTC as in the list. */
function instantOf(text: string, now_ms: number): number {
  if (text === "yesterday" || text === "gestern") return now_ms - DAY_MS;
  if (/^[0-9]+[mhdw]$/.test(text)) return now_ms - duration_ms(text);
  const [, day, time] = /^(\d{4}-\d\d-\d\d)(?:[ T](\d\d:\d\d))?$/.exec(text) ?? [];
  // The list tells minutes: all of that minute is meant.
  const at_ms = time === undefined ? Date.parse(`${day}T23:59:59Z`) : Date.parse(`${day}T${time}:59Z`);
  if (!Number.isNaN(at_ms)) return at_ms;
  throw new OperatorError(
    "bad-date",
    `${text} is no time.`,
    "Write yesterday, 12h, 7d, 2026-11-29 or '2026-11-29 03:15'; `wachpost doctor --history` lists them.",
  );
}
