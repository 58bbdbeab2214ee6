import { OperatorError } from "../base/operator-error.ts";
import { err, ok, type Result } from "../base/result.ts";
import { settingsDigest } from "../config/digest.ts";
import { parseConfig } from "../config/parse.ts";
import type { Config } from "../config/schema.ts";
import { rememberTried } from "../config/tried.ts";
import { checkOf } from "../doctor/checks.ts";
import type { Finding } from "../doctor/finding.ts";
import { evidenceText, told } from "../doctor/words/told.ts";
import { say } from "../doctor/words/phrase.ts";
import type { Language } from "../journal/words/language.ts";
import { examined, failedSince, notWell } from "./examine.ts";
import { readText, replaceFile } from "./machine-file.ts";
import {
  beginJournal,
  closeJournal,
  isInterrupted,
  openJournal,
  textDigest,
  writeJournal,
  type Outcome,
  type PromotionJournal,
} from "./machine-journal.ts";
import { keepSettings, keptSettings } from "./machine-kept.ts";
import { restartOf, runCommand, runningServer, untilReady } from "./machine-server.ts";
import { REASONS, type StepId } from "./words.ts";

export type Tools = {
  readonly language: Language;
  /** Hears what is done next. */
  told(step: StepId, values?: Readonly<Record<string, string>>): void;
};

export type Promotion = {
  /** The configuration file, and what it says now. */
  readonly file: string;
  readonly before: string;
  readonly config: Config;
  /** What it is to say. */
  readonly text: string;
  readonly restart: string | undefined;
  readonly wait_ms: number;
};

/**
 * Puts tried settings in place, has the server take them up, examines it, and puts the earlier ones back where it does not
 * come up or something fails that did not before. Whenever it is interrupted the file is whole, the one or the other, and
 * `settle` goes on from there.
 */
export async function promote(promotion: Promotion, tools: Tools): Promise<Outcome> {
  const { file, before, config, text, restart, wait_ms } = promotion;
  const { data } = config;
  // Found out now: a server that did not come up again has no unit to be seen.
  const how = restartOf(data, restart);
  const runs = runningServer(data) !== undefined;
  if (runs) tools.told("examining-before");
  const found = runs ? await examined(config) : undefined;
  const kept = keepSettings(data, before);
  const journal: PromotionJournal = {
    pid: process.pid,
    at_ms: Date.now(),
    file,
    before: textDigest(before),
    after: textDigest(text),
    kept,
    wait_ms,
    runs: how.kind !== "none",
    ...(how.kind === "command" ? { restart: how.command } : {}),
    ...(found === undefined ? {} : { notWell: [...notWell(found)] }),
  };
  beginJournal(data, journal);
  try {
    if (readText(file) !== before) throw changedMeanwhile(file);
    replaceFile(file, text);
  } catch (error) {
    closeJournal(data, { at_ms: Date.now(), kept, result: "abandoned", reason: String(error) });
    throw error;
  }
  tools.told("replaced", { file, kept: String(kept) });
  return await goOn(data, journal, tools);
}

const changedMeanwhile = (file: string): OperatorError =>
  new OperatorError(
    "config-changed",
    `${file} was changed by somebody during the trial; it stays as it is.`,
    "Look at it, and apply again.",
  );

/** What a promotion that was interrupted has left: finished or undone. Undefined: there was none. */
export async function settle(data: string, tools: Tools): Promise<Outcome | undefined> {
  const journal = openJournal(data);
  if (journal === undefined || !isInterrupted(journal)) return undefined;
  const { file, before, after, kept } = journal;
  const there = textDigest(readText(file));
  const mine = { ...journal, pid: process.pid };
  if (there === after) {
    writeJournal(data, mine);
    tools.told("going-on", { file });
    return await goOn(data, mine, tools);
  }
  if (there === before && journal.undoing !== undefined) {
    // The file is back; whether the server is, nobody knows.
    return await undone(data, mine, journal.undoing, tools);
  }
  if (there !== before) return changedByOther(data, journal, tools);
  const reason = say(REASONS.before, tools.language, {});
  return ended(data, { at_ms: Date.now(), kept, result: "abandoned", reason });
}

/** Nothing that a person wrote meanwhile is written over. */
function changedByOther(data: string, { file, kept }: PromotionJournal, tools: Tools): Outcome {
  const reason = say(REASONS.other, tools.language, { file });
  return ended(data, { at_ms: Date.now(), kept, result: "abandoned", reason });
}

/** From the moment the new file is in place. */
async function goOn(data: string, journal: PromotionJournal, tools: Tools): Promise<Outcome> {
  const text = readText(journal.file);
  const read = parseConfig(text);
  const why =
    journal.undoing ??
    (read.ok
      ? await whyNot(read.value, settingsDigest(text), journal, tools)
      : say(REASONS.unreadable, tools.language, {}));
  if (textDigest(readText(journal.file)) !== journal.after) return changedByOther(data, journal, tools);
  if (why !== undefined) return await undo(data, journal, why, tools);
  rememberTried(data, settingsDigest(text));
  const waits = runningServer(data) === undefined ? { waits: true as const } : {};
  return ended(data, { at_ms: Date.now(), kept: journal.kept, result: "promoted", ...waits });
}

/** Undefined: the server runs with these settings, and nothing fails that did not before. */
async function whyNot(
  config: Config,
  digest: string,
  journal: PromotionJournal,
  tools: Tools,
): Promise<string | undefined> {
  const { notWell: before } = journal;
  const taken = await takenUp(config.data, digest, journal, tools);
  if (!taken.ok) return taken.error;
  if (taken.value === "no-server" || before === undefined) return undefined;
  tools.told("examining-after");
  const worse = await failedSince(before, () => examined(config));
  if (worse === undefined) return say(REASONS.unexamined, tools.language, {});
  return worse.length === 0
    ? undefined
    : worse.map((one) => `\n  ${findingText(one, tools.language)}`).join("");
}

const findingText = (finding: Finding, language: Language): string => {
  const { check, subject, evidence } = finding;
  const why = finding.grade === "ok" ? evidenceText(evidence, language) : told(finding, language).why;
  return `${checkOf(check).title[language]} (${subject}): ${why}`;
};

/** Has the server take up what the file says. */
async function takenUp(
  data: string,
  digest: string,
  { restart, runs, wait_ms }: Pick<PromotionJournal, "restart" | "runs" | "wait_ms">,
  tools: Tools,
): Promise<Result<"ready" | "no-server", string>> {
  const server = runningServer(data);
  if (server?.digest === digest) return ok("ready");
  if (!runs) return ok("no-server");
  const since_ms = Date.now();
  if (restart !== undefined) {
    tools.told("restarting", { command: restart });
    const ran = await runCommand(restart);
    if (!ran.ok) return ran;
  } else {
    const seconds = String(Math.ceil(wait_ms / 1000));
    tools.told("restart-it", { pid: String(server?.pid ?? "-"), seconds });
  }
  const ready = await untilReady(data, digest, since_ms, wait_ms);
  return ready.ok ? ok("ready") : err(ready.error);
}

/** The earlier file is put back, and the server with it. */
async function undo(data: string, journal: PromotionJournal, why: string, tools: Tools): Promise<Outcome> {
  writeJournal(data, { ...journal, undoing: why });
  const kept = keptSettings(data).find(({ number }) => number === journal.kept);
  if (kept === undefined || textDigest(kept.text) !== journal.before)
    return ended(data, {
      at_ms: Date.now(),
      kept: journal.kept,
      result: "abandoned",
      reason: say(REASONS.lost, tools.language, { why }),
    });
  tools.told("putting-back");
  replaceFile(journal.file, kept.text);
  return await undone(data, journal, why, tools);
}

async function undone(data: string, journal: PromotionJournal, why: string, tools: Tools): Promise<Outcome> {
  const text = readText(journal.file);
  const taken = await takenUp(data, settingsDigest(text), journal, tools);
  const reason = taken.ok ? why : say(REASONS.down, tools.language, { why, detail: taken.error });
  return ended(data, { at_ms: Date.now(), kept: journal.kept, result: "rolled-back", reason });
}

function ended(data: string, outcome: Outcome): Outcome {
  closeJournal(data, outcome);
  return outcome;
}
