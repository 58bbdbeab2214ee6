/** What `wachpost doctor` prints and keeps. */
import { writeFile } from "node:fs/promises";
import type { Command } from "commander";
import { systemClock } from "../base/clock.ts";
import type { Config } from "../config/schema.ts";
import { changesOf, type Change } from "../doctor/diff.ts";
import type { Finding } from "../doctor/finding.ts";
import { reportHtml } from "../doctor/report-html.ts";
import { reportJson } from "../doctor/report-json.ts";
import { reportPrometheus } from "../doctor/report-prometheus.ts";
import { reportText } from "../doctor/report.ts";
import { exitCode } from "../doctor/score.ts";
import { say } from "../doctor/words/phrase.ts";
import { DIFF_WORDS } from "../doctor/words/report-words.ts";
import { LANGUAGES, type Language } from "../journal/words/language.ts";
import { terminalLanguage } from "./terminal-language.ts";
import { outputOf } from "./context.ts";
import { historyDirectory, keepReport, newestReport } from "./doctor-history.ts";
import { Option } from "commander";

export type OutputFlags = {
  readonly lang?: Language;
  readonly all?: boolean;
  readonly html?: string;
  readonly prometheus?: boolean;
  readonly diff?: boolean;
  /** False with --no-history. */
  readonly history: boolean;
};

export const outputOptions = (command: Command): Command =>
  command
    .option("--all", "a line for every check, also for those that are in order")
    .option("--html <file>", "also write a page that can be sent on")
    .option("--prometheus", "figures for node_exporter instead of the report")
    .option("--diff", "only what changed since the last examination")
    .option("--no-history", "do not keep this examination")
    .addOption(
      new Option("--lang <language>", "language (default: that of the terminal)").choices(LANGUAGES),
    );

export type Examined = {
  readonly subject: string;
  readonly config: Config | undefined;
  readonly looked: readonly Finding[];
  readonly expected: readonly Finding[];
};

/** In the form that was asked for, and into the history. */
export async function showExamined(command: Command, flags: OutputFlags, examined: Examined): Promise<void> {
  const { looked, expected, subject, config } = examined;
  const language = flags.lang ?? terminalLanguage();
  const report = reportJson(looked, language, expected);
  const at_ms = systemClock.now();
  const directory = historyDirectory(config?.data, subject);
  const earlier = flags.diff === true ? await newestReport(directory) : undefined;
  if (flags.html !== undefined) {
    const name = subject === "self" ? (config?.hostname ?? subject) : subject;
    await writeFile(flags.html, reportHtml(report, name, language, at_ms));
  }
  const colour = process.stdout.isTTY && process.env["NO_COLOR"] === undefined;
  if (flags.prometheus === true) process.stdout.write(`${reportPrometheus(report)}\n`);
  else if (flags.diff === true) {
    const changes = earlier === undefined ? [] : changesOf(earlier.report, report);
    outputOf(command).show(
      { schema: 1, since: earlier?.at, changes },
      changesText(earlier?.at, changes, language),
    );
  } else
    outputOf(command).show(
      report,
      reportText(looked, { language, colour, all: flags.all === true, expected }),
    );
  const problem = flags.history ? await keepReport(directory, report, at_ms) : undefined;
  if (problem !== undefined) process.stderr.write(`wachpost: this examination is not kept: ${problem}\n`);
  process.exitCode = exitCode(looked);
}

function changesText(since: string | undefined, changes: readonly Change[], language: Language): string {
  if (since === undefined) return say(DIFF_WORDS.first, language, {});
  if (changes.length === 0) return say(DIFF_WORDS.none, language, { date: since });
  const absent = say(DIFF_WORDS.absent, language, {});
  return [
    say(DIFF_WORDS.since, language, { date: since }),
    ...changes.map(
      ({ title, subject, before, now }) => `  ${before ?? absent} -> ${now ?? absent}  ${title}  ${subject}`,
    ),
  ].join("\n");
}
