import { createHash } from "node:crypto";
import { parseConfig } from "../../config/parse.ts";
import { formatFinding } from "../../config/finding.ts";
import type { Config } from "../../config/schema.ts";
import { phrase } from "../../doctor/words/phrase.ts";
import { policyOf } from "../../policy/from-config.ts";
import type { Answers } from "../answers.ts";
import { configurationText, updateSecretFile } from "../configuration-text.ts";
import type { Job } from "../job.ts";
import { readText, writeWhole } from "../machine-files.ts";
import { asUser } from "../machine-users.ts";
import { done, failed, todo, type Look, type Step } from "../step.ts";

/** Readable by the server's user, written by the operator; it holds no secret. */
const CONFIGURATION_MODE = 0o644;

/** The configuration: checked before it is written, and never written over another one. */
export const configurationStep: Step = {
  id: "configuration",
  title: phrase("Configuration", "Konfiguration"),
  essential: true,
  async look(job) {
    const { config: file } = job.answers;
    const text = await readText(file);
    if (text === undefined) return todo("config-todo", { file });
    if (text !== configurationText(job.answers))
      return isUntouched(text, job) ? todo("config-anew", { file }) : judge(text, job.answers);
    return (await needsSecret(job))
      ? todo("config-secret", { file: updateSecretFile(job.answers.data) })
      : done("config-done", { file });
  },
  async act(job) {
    const { config: file, data } = job.answers;
    if (await needsSecret(job)) {
      const secret = job.updateSecret?.reveal();
      if (secret === undefined) return failed("config-no-secret", { file: updateSecretFile(data) });
      await asUser(await job.owner(), () => writeWhole(updateSecretFile(data), `${secret}\n`, 0o600));
    }
    const there = await readText(file);
    const text = configurationText(job.answers);
    if (there === undefined || (there !== text && isUntouched(there, job))) {
      const wrong = faultsOf(text, file);
      if (wrong.length > 0) return failed("config-wrong", { file }, { lines: wrong });
      await writeWhole(file, text, CONFIGURATION_MODE);
      await job.save({ configuration: digestOf(text) });
    }
    return await configurationStep.look(job);
  },
};

/** Setup wrote it and nobody has changed it since: other answers may change it. */
const isUntouched = (text: string, { state }: Job): boolean => state.configuration === digestOf(text);
const digestOf = (text: string): string => createHash("sha256").update(text).digest("hex");

async function needsSecret(job: Job): Promise<boolean> {
  const { answers, updateSecret } = job;
  if (answers.dnsUpdate === undefined) return false;
  const kept = await asUser(await job.owner(), () => readText(updateSecretFile(answers.data)));
  return kept === undefined || (updateSecret !== undefined && kept.trim() !== updateSecret.reveal());
}

/** What `wachpost check` would say. */
function faultsOf(text: string, file: string): readonly string[] {
  const parsed = parseConfig(text);
  if (!parsed.ok) return parsed.error.map((finding) => formatFinding(file, finding));
  return policyOf(parsed.value)
    .findings.filter(({ severity }) => severity === "error")
    .map(({ list, message }) => `policy.${list}: ${message}`);
}

/** Somebody else's file, or ours after it was changed: it stays, and has to be one we can go on with. */
function judge(text: string, answers: Answers): Look {
  const { config: file } = answers;
  const wrong = faultsOf(text, file);
  if (wrong.length > 0) return failed("config-theirs-wrong", { file }, { lines: wrong });
  const parsed = parseConfig(text);
  const different = parsed.ok ? differences(parsed.value, answers) : [];
  if (different.length === 0) return done("config-kept", { file });
  return failed(
    "config-different",
    { file },
    { lines: different, remedy: { word: "config-choose", values: { domain: answers.domain } } },
  );
}

/** Only what setup cannot go on with; everything else is the operator's choice. */
function differences(config: Config, { hostName, data }: Answers): readonly string[] {
  return [
    ...(config.hostname === hostName ? [] : [`hostname = "${config.hostname}"  !=  "${hostName}"`]),
    ...(config.data === data ? [] : [`data = "${config.data}"  !=  "${data}"`]),
  ];
}
