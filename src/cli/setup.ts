import { existsSync } from "node:fs";
import { userInfo } from "node:os";
import { resolve } from "node:path";
import type { Command } from "commander";
import { parseLogin } from "../accounts/login-name.ts";
import { systemClock } from "../base/clock.ts";
import type { Domain } from "../base/domain-name.ts";
import { OperatorError } from "../base/operator-error.ts";
import { loadConfig } from "../config/load.ts";
import { zoneFileLine } from "../doctor/published.ts";
import type { Answers } from "../setup/answers.ts";
import { portOf } from "../setup/answers.ts";
import type { Job } from "../setup/job.ts";
import { writeWhole } from "../setup/machine-files.ts";
import { isRoot } from "../setup/machine-users.ts";
import { resultsJson, stepText, summaryText } from "../setup/narrate.ts";
import { ownPublicAddresses } from "../setup/network-addresses.ts";
import { openJob, type Hands } from "../setup/open-job.ts";
import { ourRecords } from "../setup/our-records.ts";
import { preflightJson, preflightLines } from "../setup/preflight-lines.ts";
import { lookAtSteps, takeSteps, type StepResult } from "../setup/run.ts";
import { CONFIG_FILE, settle, type Surroundings } from "../setup/settle.ts";
import { lockSetup, mayLook, readState, type SetupState } from "../setup/state.ts";
import { hasStore } from "../setup/steps/domain.ts";
import { preflightOf } from "../setup/steps/preflight.ts";
import { SENTENCES } from "../setup/words/sentences.ts";
import { say } from "../doctor/words/phrase.ts";
import { outputOf } from "./context.ts";
import { checkedDomain } from "./doctor.ts";
import { terminalLanguage } from "./terminal-language.ts";
import { askedWishes, pauseAt, someoneIsThere } from "./setup-ask.ts";
import {
  addSetupOptions,
  outsideOf,
  passwordOf,
  updateSecretOf,
  wishesOf,
  type SetupFlags,
} from "./setup-flags.ts";
import { ServerBelow } from "./setup-server.ts";

const DATA = "/var/lib/wachpost";

/** `wachpost setup DOMAIN`: from a fresh machine to a running server, step by step; the same command goes on. */
export function setupCommand(program: Command): void {
  const setup = program.command("setup").description("set a server up for a domain, step by step");
  addSetupOptions(setup)
    .argument("<domain>")
    .option("--json", "print one JSON value instead of text")
    .option("--config <file>", "configuration to write (default /etc/wachpost/wachpost.toml)")
    .option("--data <dir>", "data directory (default /var/lib/wachpost)")
    .addHelpText(
      "after",
      "\nShould I run a mail server myself? docs/should-i.md\nThe whole way, with its output: docs/setup.md",
    )
    .exitOverride()
    .action(async (domain: string, _flags, command: Command) => await run(checkedDomain(domain), command));
  addSetupOptions(setup.command("status"))
    .argument("<domain>")
    .description("how far the setup of a domain is; changes nothing")
    .action(async (domain: string, _flags, command: Command) => await status(checkedDomain(domain), command));
}

async function run(domain: Domain, command: Command): Promise<void> {
  const flags = command.optsWithGlobals<SetupFlags>();
  if (flags.preflight) return await onlyPreflight(domain, command);
  if (flags.dryRun) return await status(domain, command);
  const below = flags.run ? new ServerBelow() : undefined;
  const { answers, earlier } = await answersOf(domain, flags, true);
  const hands = await handsOf(flags, answers, below);
  await using _lock = await lockSetup(answers.data);
  await using job = await openJob(answers, earlier, systemClock, hands);
  const { json } = outputOf(command);
  const tell = (text: string): void => void (json || process.stdout.write(`${text}\n`));
  tell(`${say(SENTENCES.intro, job.language, { domain, hostname: answers.hostName })}\n`);
  const results = await takeSteps(job, (result) => {
    clearProgress();
    tell(stepText(result, job.language));
  });
  await writeZoneFile(job, flags.zoneFile);
  const complete = results.every(({ look }) => look.standing === "done");
  const value = {
    ok: complete,
    domain,
    hostname: answers.hostName,
    steps: resultsJson(results, job.language),
  };
  outputOf(command).show(value, [summaryText(results, job.language), ...farewell(results, job)].join("\n"));
  process.exitCode = complete ? 0 : 1;
  if (below?.runs !== true) return;
  await job[Symbol.asyncDispose]();
  await below.wait();
  process.exitCode = 1;
}

async function status(domain: Domain, command: Command): Promise<void> {
  const flags = command.optsWithGlobals<SetupFlags>();
  const { answers, earlier } = await answersOf(domain, flags, false);
  const hands = { ...(await handsOf(flags, answers, undefined)), looksOnly: true, pause: undefined };
  await using job = await openJob(answers, earlier, systemClock, hands);
  const results = await lookAtSteps(job);
  await writeZoneFile(job, flags.zoneFile);
  const text = results.map((result) => stepText(result, job.language)).join("\n");
  const intro = flags.dryRun ? `${say(SENTENCES["intro-dry"], job.language, {})}\n\n` : "";
  outputOf(command).show({ domain, steps: resultsJson(results, job.language) }, `${intro}${text}`);
}

async function onlyPreflight(domain: Domain, command: Command): Promise<void> {
  const flags = command.optsWithGlobals<SetupFlags>();
  const { answers, earlier } = await answersOf(domain, flags, false);
  const hands = { ...(await handsOf(flags, answers, undefined)), looksOnly: true };
  await using job = await openJob(answers, earlier, systemClock, hands);
  const findings = await preflightOf(job);
  clearProgress();
  const text = preflightLines(findings, job.language).join("\n");
  outputOf(command).show({ domain, findings: preflightJson(findings, job.language) }, text);
  if (findings.some(({ grade }) => grade === "fail")) process.exitCode = 1;
}

type Settled = { readonly answers: Answers; readonly earlier: SetupState | undefined };

/** Flags, what was said before, what the machine suggests; and where somebody is there, what they answer now. */
async function answersOf(domain: Domain, flags: SetupFlags, mayAsk: boolean): Promise<Settled> {
  const wishes = wishesOf(flags);
  const data = await dataOf(flags);
  await mayLook(data);
  const earlier = await readState(data, domain);
  const around = surroundings();
  const settled = settle(domain, data, wishes, earlier?.answers, around);
  if (!mayAsk || flags.yes) return { answers: settled, earlier };
  if (earlier !== undefined) return { answers: settled, earlier };
  if (!someoneIsThere())
    throw new OperatorError(
      "nobody-there",
      "Setup has questions, and there is no terminal to ask them on.",
      "Give --yes to take every default and to accept the terms of the certificate authority.",
    );
  const asked = await askedWishes(settled, wishes, flags.lang ?? terminalLanguage());
  return { answers: settle(domain, data, asked, undefined, around), earlier };
}

async function dataOf({ data, config }: SetupFlags): Promise<string> {
  if (data !== undefined) return resolve(data);
  const file = config ?? CONFIG_FILE;
  return existsSync(file) ? (await loadConfig(file)).data : DATA;
}

function surroundings(): Surroundings {
  const { SUDO_USER } = process.env;
  const name = SUDO_USER ?? userInfo().username;
  const isPerson = name !== "root" && parseLogin(`${name}@example.org`) !== undefined;
  return {
    root: isRoot(),
    systemd: existsSync("/etc/systemd/system"),
    person: isPerson ? name : undefined,
    publicAddresses: ownPublicAddresses(),
  };
}

async function handsOf(
  flags: SetupFlags,
  { config, user }: Answers,
  below: ServerBelow | undefined,
): Promise<Hands> {
  const outside = outsideOf(flags);
  return {
    language: flags.lang ?? terminalLanguage(),
    password: await passwordOf(flags),
    updateSecret: await updateSecretOf(flags),
    looksOnly: false,
    progress: (text) => {
      if (process.stderr.isTTY) process.stderr.write(`\r\u001b[K  ${text}\r`);
    },
    show: (text) => {
      clearProgress();
      (flags.json ? process.stderr : process.stdout).write(`${text}\n`);
    },
    startHere: below && (() => below.start(config, user)),
    pause: flags.yes || flags.json || !someoneIsThere() ? undefined : pauseAt,
    ...(outside === undefined ? {} : { outside }),
  };
}

const clearProgress = (): void => {
  if (process.stderr.isTTY) process.stderr.write("\r\u001b[K");
};

async function writeZoneFile(job: Job, file: string | undefined): Promise<void> {
  if (file === undefined || !(await hasStore(job))) return;
  const lines = (await ourRecords(job)).map(zoneFileLine);
  await writeWhole(resolve(file), `${lines.join("\n")}\n`, 0o644);
}

/** What a person needs next, once the server runs. */
function farewell(results: readonly StepResult[], { answers, language }: Job): readonly string[] {
  if (!results.some(({ step, look }) => step.id === "start" && look.standing === "done")) return [];
  const values = {
    account: answers.account,
    hostname: answers.hostName,
    imaps: String(portOf(answers, "imaps")),
    submissions: String(portOf(answers, "submissions")),
  };
  return ["", say(SENTENCES.programs, language, values)];
}
