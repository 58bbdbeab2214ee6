import type { Command } from "commander";
import { settingsDigest } from "../config/digest.ts";
import { differencesOf, type Difference } from "../config/differences.ts";
import type { Config } from "../config/schema.ts";
import { trialOf } from "../config/tried.ts";
import { say } from "../doctor/words/phrase.ts";
import type { Language } from "../journal/words/language.ts";
import {
  isInterrupted,
  lastOutcome,
  openJournal,
  textDigest,
  type Outcome,
} from "../promotion/machine-journal.ts";
import { keptSettings } from "../promotion/machine-kept.ts";
import { runningServer } from "../promotion/machine-server.ts";
import { CONFIG_WORDS } from "../promotion/words.ts";
import type { Active } from "./config-try.ts";
import { outputOf } from "./context.ts";
import { minuteOf } from "./doctor-kept.ts";
import { table } from "./output.ts";

/** A setting a line; of a text with many lines, those that went and those that came. */
export function differencesText(differences: readonly Difference[]): string {
  return differences.flatMap(linesOf).join("\n");
}

function linesOf({ name, before, now }: Difference): readonly string[] {
  if (!before?.includes("\n") && !now?.includes("\n"))
    return [`  ${name}: ${before ?? "-"} -> ${now ?? "-"}`];
  const [old, fresh] = [rulesOf(before), rulesOf(now)];
  return [
    `  ${name}:`,
    ...old.filter((line) => !fresh.includes(line)).map((line) => `    - ${line}`),
    ...fresh.filter((line) => !old.includes(line)).map((line) => `    + ${line}`),
  ];
}

const rulesOf = (text = ""): readonly string[] =>
  text
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "");

export function outcomeText({ result, kept, waits, reason = "" }: Outcome, language: Language): string {
  const words = waits === true ? CONFIG_WORDS["promoted-waits"] : CONFIG_WORDS[result];
  return say(words, language, { kept: String(kept), reason });
}

export function showDifferences(command: Command, before: Config, now: Config, language: Language): void {
  const differences = differencesOf(before, now);
  outputOf(command).show(
    { differences },
    differencesText(differences) || say(CONFIG_WORDS["nothing-changed"], language, {}),
  );
}

export function showHistory(command: Command, data: string, language: Language): void {
  const kept = keptSettings(data);
  const rows = kept.map(({ number, at_ms, file }) => [String(number), minuteOf(at_ms), file]);
  outputOf(command).show(
    kept.map(({ number, at_ms, file }) => ({ number, at: new Date(at_ms).toISOString(), file })),
    kept.length === 0
      ? say(CONFIG_WORDS["none-kept"], language, {})
      : table([say(CONFIG_WORDS["history-head"], language, {}).split(";"), ...rows]),
  );
}

/** What is in place, what runs, and whether the two agree. Exit 1 where something is left to do. */
export function showStatus(
  command: Command,
  { file, text, config }: Active & { readonly config: Config },
  language: Language,
): void {
  const { data } = config;
  const digest = settingsDigest(text);
  const server = runningServer(data);
  const journal = openJournal(data);
  const last = lastOutcome(data);
  const trial = trialOf(data, digest);
  const runs =
    server === undefined
      ? "none"
      : server.digest === digest
        ? "these"
        : server.digest === undefined
          ? "unknown"
          : "others";
  const place = journal && placeOf(textDigest(text), journal);
  const promotion = journal === undefined ? "none" : isInterrupted(journal) ? "interrupted" : "under-way";
  const words = { file, pid: String(server?.pid ?? "") };
  const lines = [
    say(CONFIG_WORDS[`trial-${trial}`], language, words),
    say(CONFIG_WORDS[`runs-${runs}`], language, words),
    ...(journal === undefined || place === undefined
      ? []
      : [
          say(CONFIG_WORDS[`promotion-${promotion === "interrupted" ? promotion : "under-way"}`], language, {
            place: say(CONFIG_WORDS[`place-${place}`], language, {}),
            kept: String(journal.kept),
          }),
        ]),
    ...(last === undefined ? [] : [`${minuteOf(last.at_ms)}: ${outcomeText(last, language)}`]),
  ];
  outputOf(command).show(
    { file, tried: trial === "passed", trial, runs, pid: server?.pid, promotion, inPlace: place, last },
    lines.join("\n"),
  );
  if (promotion === "interrupted" || runs === "others") process.exitCode = 1;
}

const placeOf = (
  digest: string,
  { before, after }: { readonly before: string; readonly after: string },
): "old" | "new" | "other" => (digest === before ? "old" : digest === after ? "new" : "other");
