import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { InvalidArgumentError, type Command } from "commander";
import { OperatorError } from "../base/operator-error.ts";
import { configText, readConfig } from "../config/load.ts";
import { parseConfig } from "../config/parse.ts";
import type { Config } from "../config/schema.ts";
import { rememberTried } from "../config/tried.ts";
import { say } from "../doctor/words/phrase.ts";
import type { Language } from "../journal/words/language.ts";
import { isGood, lookedJson, lookedText } from "../promotion/looked.ts";
import { refuseSecond, type Outcome } from "../promotion/machine-journal.ts";
import { keptSettings } from "../promotion/machine-kept.ts";
import { promote, settle, type Tools } from "../promotion/promote.ts";
import { CONFIG_WORDS, STEPS } from "../promotion/words.ts";
import { differencesText, outcomeText, showDifferences, showHistory, showStatus } from "./config-shown.ts";
import { tryOut, type Active, type Tryout, type Wanted } from "./config-try.ts";
import { configFile, globals, outputOf, TRY_HEADING } from "./context.ts";
import { terminalLanguage } from "./terminal-language.ts";
import { spoken } from "./spoken.ts";

type TryFlags = { readonly lang?: Language; readonly allowWeaker?: boolean };
type ApplyFlags = TryFlags & { readonly restartCommand?: string; readonly wait: number };

const WAIT_S = 120;

/** `wachpost config …`: settings are tried before they are used, and taken back where they do not hold. Exit 0 or 1. */
export function configCommand(program: Command): void {
  const config = program
    .command("config")
    .description("try a configuration before it is used, apply it, and go back to an earlier one");
  spoken(config.command("try"))
    .argument("[file]", "the configuration to try (default: the one in use)")
    .option("--allow-weaker", "settings may become weaker than they are")
    .description(
      "start a server of its own with FILE, on empty data and loopback ports, and look whether it works",
    )
    .action((file: string | undefined, flags: TryFlags, command: Command) => tried(command, file, flags));
  promoting(config.command("apply"))
    .argument("<file>", "the configuration to use from now on")
    .description(
      "try FILE, put it in the place of the configuration, restart the server, examine it; else all is put back",
    )
    .action(async (file: string, flags: ApplyFlags, command: Command) =>
      applied(command, { file: resolve(file), text: await configText(file) }, flags),
    );
  promoting(config.command("back"))
    .argument("[number]", "of config history (default: the newest)", wholeNumber)
    .description("apply an earlier configuration, in the same careful way")
    .action(async (number: number | undefined, flags: ApplyFlags, command: Command) =>
      applied(command, await earlier(command, number), flags),
    );
  spoken(config.command("settle"))
    .description("finish, or undo, what an interrupted apply has left; apply and back do it first")
    .action(async (flags: TryFlags, command: Command) => {
      const outcome = await settle((await usable(command)).config.data, toolsFor(command, flags));
      showOutcome(command, outcome, languageOf(flags));
    });
  spoken(config.command("status"))
    .description(
      "which configuration is in place, which one the server runs with, whether an apply was interrupted",
    )
    .action(async (flags: TryFlags, command: Command) =>
      showStatus(command, await usable(command), languageOf(flags)),
    );
  spoken(config.command("history"))
    .description("list the earlier configurations that are kept")
    .action(async (flags: TryFlags, command: Command) =>
      showHistory(command, (await usable(command)).config.data, languageOf(flags)),
    );
  spoken(config.command("diff"))
    .argument("[number]", "of config history (default: the newest)", wholeNumber)
    .description("what has changed since an earlier configuration, setting by setting")
    .action(async (number: number | undefined, flags: TryFlags, command: Command) => {
      const active = await usable(command);
      const before = await earlier(command, number);
      showDifferences(command, readConfig(before.text, before.file), active.config, languageOf(flags));
    });
}

const promoting = (command: Command): Command =>
  spoken(command)
    .option(
      "--restart-command <command>",
      "how the server is restarted (default: by systemd, where it runs it)",
    )
    .option("--wait <seconds>", "how long it may take until it is ready", wholeNumber, WAIT_S)
    .option("--allow-weaker", "settings may become weaker than they are");

function wholeNumber(text: string): number {
  if (/^[0-9]{1,6}$/.test(text)) return Number(text);
  throw new InvalidArgumentError("a whole number is wanted");
}

const languageOf = ({ lang }: TryFlags): Language => lang ?? terminalLanguage();

const toolsFor = (command: Command, flags: TryFlags): Tools => ({
  language: languageOf(flags),
  told(step, values = {}) {
    if (!outputOf(command).json) process.stdout.write(`${say(STEPS[step], languageOf(flags), values)}\n`);
  },
});

async function activeOf(command: Command): Promise<Active> {
  const file = resolve(configFile(globals(command)));
  const text = existsSync(file) ? await configText(file) : "";
  const read = parseConfig(text);
  return { file, text, config: read.ok ? read.value : undefined };
}

/** The configuration in use, where it can be read. */
async function usable(command: Command): Promise<Active & { readonly config: Config }> {
  const file = resolve(configFile(globals(command)));
  const text = await configText(file);
  return { file, text, config: readConfig(text, file) };
}

async function earlier(command: Command, number: number | undefined): Promise<Wanted> {
  const { config, text } = await usable(command);
  const kept = keptSettings(config.data);
  const found = kept.find((one) => (number === undefined ? one.text !== text : one.number === number));
  if (found !== undefined) return found;
  throw new OperatorError(
    "no-such-settings",
    number === undefined ? "No earlier configuration is kept here." : `There is no configuration ${number}.`,
    "`wachpost config history` lists those that are kept.",
  );
}

async function tried(command: Command, file: string | undefined, flags: TryFlags): Promise<void> {
  const active = await activeOf(command);
  const wanted = file === undefined ? active : { file: resolve(file), text: await configText(file) };
  const language = languageOf(flags);
  const tryout = await tryOut(wanted, active, { language, allowWeaker: flags.allowWeaker === true });
  const ok = isGood(tryout.looked);
  if (ok) remember(tryout, active);
  const passed = wanted.file === active.file ? CONFIG_WORDS["passed-in-use"] : CONFIG_WORDS.passed;
  const verdict = say(ok ? passed : CONFIG_WORDS.failed, language, { file: wanted.file });
  outputOf(command).show(
    { ok, ...tryoutJson(tryout, wanted, active, language) },
    [...tryoutLines(tryout, language), verdict].join("\n"),
  );
  if (!ok) process.exitCode = 1;
}

/** Whoever may not write there has tried it for himself alone. */
function remember({ digest, config }: Tryout, active: Active): void {
  const { data } = active.config ?? config ?? {};
  if (data === undefined || digest === undefined || !existsSync(data)) return;
  try {
    rememberTried(data, digest);
  } catch (error) {
    process.stderr.write(`wachpost: that it passed is not noted down: ${String(error)}\n`);
  }
}

const tryoutJson = ({ looked, differences }: Tryout, wanted: Wanted, active: Active, language: Language) => ({
  file: wanted.file,
  against: active.file,
  differences,
  looked: looked.map((one) => lookedJson(one, language)),
});

function tryoutLines({ looked, differences }: Tryout, language: Language): readonly string[] {
  const changed =
    differences.length === 0 ? [] : [say(CONFIG_WORDS.changed, language, {}), differencesText(differences)];
  return [...changed, lookedText(looked, language)];
}

async function applied(command: Command, wanted: Wanted, flags: ApplyFlags): Promise<void> {
  const language = languageOf(flags);
  const tools = toolsFor(command, flags);
  const now = await usable(command);
  const { data } = now.config;
  if (now.text.startsWith(TRY_HEADING)) throw writtenAnew(now.file);
  refuseSecond(data);
  const settled = await settle(data, tools);
  if (settled !== undefined && !outputOf(command).json)
    process.stdout.write(`${outcomeText(settled, language)}\n`);
  const active = await usable(command);
  tools.told("trying");
  const tryout = await tryOut(wanted, active, { language, allowWeaker: flags.allowWeaker === true });
  if (!outputOf(command).json) process.stdout.write(`${tryoutLines(tryout, language).join("\n")}\n`);
  if (!isGood(tryout.looked)) {
    const json = { ok: false, result: "refused", ...tryoutJson(tryout, wanted, active, language) };
    outputOf(command).show(json, say(CONFIG_WORDS.refused, language, { file: active.file }));
    process.exitCode = 1;
    return;
  }
  const outcome = await promote(
    {
      file: active.file,
      before: active.text,
      config: active.config,
      text: wanted.text,
      restart: flags.restartCommand,
      wait_ms: flags.wait * 1000,
    },
    tools,
  );
  showOutcome(command, outcome, language, tryoutJson(tryout, wanted, active, language));
}

const writtenAnew = (file: string): OperatorError =>
  new OperatorError(
    "settings-of-try",
    `${file} is written anew at each \`npm start\`: other settings would not stay.`,
    "Try them with `wachpost config try FILE`; a server of your own keeps them: `wachpost --config FILE start`.",
  );

function showOutcome(
  command: Command,
  outcome: Outcome | undefined,
  language: Language,
  more: object = {},
): void {
  const ok = outcome?.result !== "rolled-back" && outcome?.result !== "abandoned";
  outputOf(command).show(
    { ok, ...outcome, ...more },
    outcome === undefined ? say(CONFIG_WORDS.nothing, language, {}) : outcomeText(outcome, language),
  );
  if (!ok) process.exitCode = 1;
}
