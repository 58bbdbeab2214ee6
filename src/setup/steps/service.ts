import { dirname } from "node:path";
import { phrase } from "../../doctor/words/phrase.ts";
import type { Job } from "../job.ts";
import { isReadable, ownProgram, readText, standingOf, writeWhole } from "../machine-files.ts";
import { asUser, isRoot, runProgram } from "../machine-users.ts";
import { done, failed, todo, type Look, type Step } from "../step.ts";
import { unitText } from "../unit-text.ts";

const SYSTEM_UNITS = "/etc/systemd/system";

/** The systemd unit; where no unit is wanted there is nothing to do. */
export const serviceStep: Step = {
  id: "service",
  title: phrase("Service", "Dienst"),
  essential: true,
  async look(job) {
    const { unit } = job.answers;
    if (unit === undefined) return done("service-none");
    const text = await readText(unit);
    if (text === undefined) return todo("service-todo", { unit });
    return text === textFor(job) ? done("service-done", { unit }) : done("service-kept", { unit });
  },
  async act(job) {
    const { unit = "" } = job.answers;
    const hidden = await unreachable(job);
    if (hidden !== undefined) return hidden;
    await writeWhole(unit, textFor(job), 0o644);
    if (dirname(unit) === SYSTEM_UNITS && isRoot() && (await systemdRuns())) {
      const { status, output } = await runProgram("systemctl", ["daemon-reload"]);
      if (status !== 0) return failed("command-failed", { command: "systemctl daemon-reload", output });
    }
    return await serviceStep.look(job);
  },
};

/** sd_booted(3) */
export const systemdRuns = async (): Promise<boolean> =>
  (await standingOf("/run/systemd/system")) !== undefined;

const textFor = ({ answers: { user = "root", config, data } }: Job): string =>
  unitText({ user, config, data, program: ownProgram() });

/** A program below /root cannot be read by the user the service runs as. */
async function unreachable(job: Job): Promise<Look | undefined> {
  const user = await job.owner();
  for (const file of ownProgram()) {
    if (await asUser(user, () => isReadable(file))) continue;
    const values = { file, user: user?.name ?? "" };
    return failed("service-unreachable", values, { remedy: { word: "service-install", values: {} } });
  }
  return undefined;
}
