/** The running server as an operator beside it sees it: its process, its unit, how it is started anew. */
import { spawn, spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { printable } from "../base/ascii.ts";
import { err, ok, type Result } from "../base/result.ts";
import { lastFailedStart, lastStart } from "../config/tried.ts";
import { lockHolderPath } from "../store/sqlite/layout.ts";

/** A stop lets sessions end, up to half a minute; a start takes seconds. */
const COMMAND_MS = 120_000;
const OUTPUT_CHARS = 400;
const LOOK_MS = 200;
const LOOK_AT_UNIT_MS = 10_000;

export type ServerProcess = {
  readonly pid: number;
  /** Of its settings; undefined where it did not write it down. */
  readonly digest: string | undefined;
};

/** The server that runs on these data. */
export function runningServer(data: string): ServerProcess | undefined {
  const started = lastStart(data);
  if (started !== undefined && isAlive(started.pid)) return started;
  const pid = Number.parseInt(textOf(lockHolderPath(join(data, "store"))), 10);
  return isAlive(pid) ? { pid, digest: undefined } : undefined;
}

/** What the system says of a process. */
export const statusOf = (pid: number): string => textOf(`/proc/${pid}/status`);

/** Whether it is a process, and one of ours: numbers are given again. */
export function isAlive(pid: number): boolean {
  if (!Number.isInteger(pid) || pid <= 0) return false;
  try {
    process.kill(pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EPERM") return false;
  }
  const words = textOf(`/proc/${pid}/cmdline`);
  return words === "" ? process.platform !== "linux" : words.includes("wachpost");
}

/** How the server takes up new settings. */
export type Restart =
  | { readonly kind: "command"; readonly command: string }
  /** Nobody but the operator knows how. */
  | { readonly kind: "by-hand" }
  /** No server runs. */
  | { readonly kind: "none" };

/** What the operator named, else the service manager, else the operator. */
export function restartOf(data: string, named: string | undefined): Restart {
  if (named !== undefined) return { kind: "command", command: named };
  const server = runningServer(data);
  if (server === undefined) return { kind: "none" };
  const unit = unitIn(textOf(`/proc/${server.pid}/cgroup`));
  return unit !== undefined && isMainOf(unit, server.pid)
    ? { kind: "command", command: `systemctl restart ${unit}` }
    : { kind: "by-hand" };
}

/** Whatever cron or a login by ssh started stands in their unit, which is not to be started anew for us. */
export function isMainOf(unit: string, pid: number): boolean {
  const shown = spawnSync("systemctl", ["show", "--property=MainPID", "--value", unit], {
    encoding: "utf8",
    timeout: LOOK_AT_UNIT_MS,
  });
  const main = Number.parseInt(shown.stdout ?? "", 10);
  // The launcher is the unit's process, the server its child.
  return main > 0 && (main === pid || main === Number(/^PPid:\s*(\d+)$/m.exec(statusOf(pid))?.[1]));
}

/** systemd names the unit in the control group of its processes. systemd.slice(5) */
export const unitIn = (cgroup: string): string | undefined =>
  /^0::\/system\.slice\/(?:[^/\n]+\.slice\/)*([A-Za-z0-9@._-]+\.service)$/m.exec(cgroup)?.[1];

/** The error is what the command said. */
export function runCommand(command: string): Promise<Result<undefined, string>> {
  return new Promise((resolve) => {
    const child = spawn("/bin/sh", ["-c", command], {
      // A command that leaves a server behind it shall not hold our ends of pipes.
      stdio: ["ignore", "ignore", "pipe"],
      timeout: COMMAND_MS,
    });
    let said = "";
    child.stderr.on("data", (chunk: Buffer) => {
      said = (said + chunk.toString("utf8")).slice(-OUTPUT_CHARS);
    });
    child.on("error", (error) => resolve(err(error.message)));
    child.on("exit", (code, signal) => {
      child.stderr.destroy();
      if (code === 0) resolve(ok(undefined));
      else resolve(err(printable(`${command}: ${said.trim() || (signal ?? `exit ${String(code)}`)}`)));
    });
  });
}

/** Until a server of these settings has opened its doors; the error says why there is none. */
export async function untilReady(
  data: string,
  digest: string,
  since_ms: number,
  wait_ms: number,
): Promise<Result<undefined, string>> {
  for (const until_ms = Date.now() + wait_ms; ;) {
    const started = lastStart(data);
    if (started?.digest === digest && started.at_ms >= since_ms && isAlive(started.pid)) return ok(undefined);
    const failed = lastFailedStart(data);
    if (failed?.digest === digest && failed.at_ms >= since_ms) return err(failed.failure);
    if (Date.now() > until_ms) return err(`no server was ready within ${Math.ceil(wait_ms / 1000)} s`);
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
  }
}

function textOf(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return "";
  }
}
