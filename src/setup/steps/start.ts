import { basename } from "node:path";
import { phrase } from "../../doctor/words/phrase.ts";
import { portHolder } from "../../net/port-holder.ts";
import { portOf, type Answers } from "../answers.ts";
import type { Job } from "../job.ts";
import { isRoot, runProgram } from "../machine-users.ts";
import { serverAnswers } from "../network-server.ts";
import { done, failed, todo, waiting, type Look, type Step } from "../step.ts";
import { systemdRuns } from "./service.ts";

/** A start takes a second or two; a slow disk or a first certificate more. */
const START_MS = 30_000;
const LOOK_MS = 250;

/** The server runs: as a service, or inside a container below setup itself (`--run`). */
export const startStep: Step = {
  id: "start",
  title: phrase("Server", "Server"),
  essential: false,
  async look(job) {
    if (await serverAnswers(job.answers)) return running(job);
    if (job.startHere !== undefined || (await byService(job))) return todo("start-todo");
    return waiting(
      "start-waiting",
      {},
      { remedy: { word: "start-command", values: { command: commandOf(job) } } },
    );
  },
  async act(job) {
    const held = await heldPort(job.answers);
    if (held !== undefined) return held;
    if (job.startHere !== undefined) {
      const problem = await job.startHere();
      if (problem !== undefined) return failed("start-failed", { detail: problem });
    } else {
      const service = basename(job.answers.unit ?? "");
      const { status, output } = await runProgram("systemctl", ["enable", "--now", service]);
      if (status !== 0)
        return failed("command-failed", { command: `systemctl enable --now ${service}`, output });
    }
    for (const until_ms = job.clock.now() + START_MS; job.clock.now() < until_ms;) {
      if (await serverAnswers(job.answers)) return running(job);
      await job.clock.sleep(LOOK_MS);
    }
    const detail = job.startHere === undefined ? await lastWords(job) : "";
    return failed("start-failed", { detail });
  },
};

const running = ({ answers }: Job): Look =>
  done("start-done", { hostname: answers.hostName, port: String(portOf(answers, "smtp")) });

const byService = async ({ answers: { unit } }: Job): Promise<boolean> =>
  unit?.startsWith("/etc/systemd/system/") === true && isRoot() && (await systemdRuns());

const commandOf = ({ answers: { unit, config } }: Job): string =>
  unit === undefined
    ? `wachpost start --config ${config}`
    : `systemctl daemon-reload && systemctl enable --now ${basename(unit)}`;

/** Whoever sits on one of our ports, before a start fails over it (S-04). */
async function heldPort(answers: Answers): Promise<Look | undefined> {
  for (const name of ["smtp", "submissions", "imaps", "web"] as const) {
    const port = portOf(answers, name);
    const holder = await portHolder(port);
    if (holder !== undefined)
      return failed(
        "start-held",
        { port: String(port), holder },
        { remedy: { word: "start-held-fix", values: {} } },
      );
  }
  return undefined;
}

async function lastWords({ answers: { unit } }: Job): Promise<string> {
  const { output } = await runProgram("journalctl", ["-u", basename(unit ?? ""), "-n", "5", "--no-pager"]);
  return output;
}
