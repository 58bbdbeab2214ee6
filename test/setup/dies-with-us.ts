/** Programs of other people that a test starts: where the test is killed itself, nobody is left who could stop them. */
import { spawnSync } from "node:child_process";

const DEATH = ["--pdeathsig", "KILL"];
/** Of util-linux, which every Debian has. */
const canTell = spawnSync("setpriv", [...DEATH, "true"]).status === 0;

/** The program as `spawn` takes it, killed by the kernel when the process that started it ends in whatever way; on Linux. */
export const diesWithUs = (program: string, args: readonly string[]): [string, string[]] =>
  canTell ? ["setpriv", [...DEATH, program, ...args]] : [program, [...args]];
