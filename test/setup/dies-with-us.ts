/** Programs of other people that a test starts: where the test is killed itself, nobody is left who could stop them. */
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";

const DEATH = ["--pdeathsig", "KILL"];
/** Of util-linux, which every Debian has. */
const canTell = spawnSync("setpriv", [...DEATH, "true"]).status === 0;

/** The program as `spawn` takes it, killed by the kernel when the process that started it ends in whatever way; on Linux. */
export const diesWithUs = (program: string, args: readonly string[]): [string, string[]] =>
  canTell ? ["setpriv", [...DEATH, program, ...args]] : [program, [...args]];

const LOOK_MS = 500;

/**
 * For a program that npm starts, by a shell: npm that is killed outright takes neither along. Ends this process, and with it
 * all that `diesWithUs` started, once its parent or theirs is another. On Linux; without npm nothing is watched.
 */
export function endWithNpm(): void {
  if (process.env["npm_lifecycle_event"] === undefined) return;
  const before = forebears();
  setInterval(() => forebears() !== before && process.kill(process.pid, "SIGKILL"), LOOK_MS).unref();
}

/** Parent and grandparent. The fourth field, behind a name that may hold anything: proc_pid_stat(5). */
function forebears(): string {
  try {
    const stat = readFileSync(`/proc/${process.ppid}/stat`, "latin1");
    return `${process.ppid} ${stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1]}`;
  } catch {
    return String(process.ppid);
  }
}
