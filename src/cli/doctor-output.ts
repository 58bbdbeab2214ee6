/** What `wachpost doctor` prints and keeps. */
import { writeFile } from "node:fs/promises";
import { Option, type Command } from "commander";
import { systemClock } from "../base/clock.ts";
import type { Config } from "../config/schema.ts";
import { changesOf } from "../doctor/diff.ts";
import type { Finding } from "../doctor/finding.ts";
import { historyDirectory, keepReport } from "../doctor/history.ts";
import { changesText } from "../doctor/report-changes.ts";
import { reportHtml } from "../doctor/report-html.ts";
import { reportJson } from "../doctor/report-json.ts";
import { reportPrometheus } from "../doctor/report-prometheus.ts";
import type { LineStyle } from "../doctor/report-lines.ts";
import { reportText } from "../doctor/report.ts";
import { exitCode } from "../doctor/score.ts";
import { COLUMNS_MIN } from "../journal/wrap.ts";
import { LANGUAGES, type Language } from "../journal/words/language.ts";
import { terminalLanguage } from "./terminal-language.ts";
import { outputOf } from "./context.ts";
import { earlierReport, minuteOf, showHistory, showLast } from "./doctor-kept.ts";

export type OutputFlags = {
  readonly lang?: Language;
  readonly all?: boolean;
  readonly html?: string;
  readonly prometheus?: boolean;
  /** True, or the time of the examination to compare with. */
  readonly diff?: true | string;
  readonly last?: boolean;
  /** True: list what is kept; false: keep nothing. */
  readonly history?: boolean;
};

export const outputOptions = (command: Command): Command =>
  command
    .option("--all", "a line for every check, also for those that are in order")
    .option("--html <file>", "also write a page that can be sent on")
    .option("--prometheus", "figures for node_exporter instead of the report")
    .option(
      "--diff [when]",
      "only what changed since the last examination, or since yesterday, 12h, 2026-11-29",
    )
    .option("--history", "list the examinations that are kept")
    .option("--no-history", "do not keep this examination")
    .addOption(
      new Option("--lang <language>", "language (default: that of the terminal)").choices(LANGUAGES),
    );

/** True where the flags ask for what is known already, and it has been shown. */
export async function showedKept(
  command: Command,
  flags: OutputFlags,
  config: Config | undefined,
  subject: string,
): Promise<boolean> {
  const language = flags.lang ?? terminalLanguage();
  if (flags.history === true) await showHistory(command, config?.data, subject, language);
  else if (flags.last === true)
    await showLast(command, config?.data, { ...terminalStyle(), language, all: flags.all === true });
  else return false;
  return true;
}

/** As wide as the terminal; a pipe and a file get what fits a letter. */
const terminalStyle = (): { readonly colour: boolean; readonly columns: number } => ({
  colour: process.stdout.isTTY && process.env["NO_COLOR"] === undefined,
  columns: process.stdout.columns ?? COLUMNS_MIN,
});

export type Examined = {
  readonly subject: string;
  readonly config: Config | undefined;
  readonly looked: readonly Finding[];
  readonly expected: readonly Finding[];
  /** In place of the usual text, and beside the usual fields. */
  readonly told?: {
    text(style: LineStyle & { readonly language: Language }): string;
    readonly json: object;
  };
};

/** In the form that was asked for, and into the history. */
export async function showExamined(command: Command, flags: OutputFlags, examined: Examined): Promise<void> {
  const { looked, expected, subject, config } = examined;
  const language = flags.lang ?? terminalLanguage();
  const report = reportJson(looked, language, expected);
  const at_ms = systemClock.now();
  const directory = historyDirectory(config?.data, subject);
  const earlier = flags.diff === undefined ? undefined : await earlierReport(directory, flags.diff);
  const since = earlier && minuteOf(earlier.at_ms);
  if (flags.html !== undefined) {
    const name = subject === "self" ? (config?.hostname ?? subject) : subject;
    await writeFile(flags.html, reportHtml(report, name, language, at_ms));
  }
  if (flags.prometheus === true) process.stdout.write(`${reportPrometheus(report)}\n`);
  else if (flags.diff !== undefined) {
    const changes = earlier === undefined ? [] : changesOf(earlier.report, report);
    outputOf(command).show(
      { schema: 1, since, changes },
      changesText(since, changes, { ...terminalStyle(), language }),
    );
  } else
    outputOf(command).show(
      { ...report, ...examined.told?.json },
      examined.told?.text({ ...terminalStyle(), language }) ??
        reportText(looked, { ...terminalStyle(), language, all: flags.all === true, expected }),
    );
  const problem = flags.history !== false ? await keepReport(directory, report, at_ms) : undefined;
  if (problem !== undefined) process.stderr.write(`wachpost: this examination is not kept: ${problem}\n`);
  process.exitCode = exitCode(looked);
}
