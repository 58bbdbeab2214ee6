import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

const MODULE = fileURLToPath(new URL("dies-with-us.ts", import.meta.url));
/** Starts a program and tells its number, then waits for ever. */
const PARENT = `import { spawn } from "node:child_process";
import { diesWithUs } from ${JSON.stringify(MODULE)};
const child = spawn(...diesWithUs("sleep", ["600"]), { stdio: "ignore" });
console.log(child.pid);
setInterval(() => {}, 1_000);`;

/** Starts it as npm would, by a shell, where it watches who its forebears are. */
const NPM = `import { spawn } from "node:child_process";
const watched = ${JSON.stringify(PARENT)}.replace("diesWithUs }", "diesWithUs, endWithNpm }") + "endWithNpm();";
const env = { ...process.env, npm_lifecycle_event: "sabotage" };
spawn("sh", ["-c", '"$0" --input-type=module -e "$1"; :', process.execPath, watched], { stdio: "inherit", env });
setInterval(() => {}, 1_000);`;

const lives = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
};

for (const [name, program] of [
  ["a program that a killed test started is gone, too", PARENT],
  ["and one that was started by npm, when npm is killed", NPM],
] as const) {
  test(name, { skip: process.platform !== "linux" && "Linux only: setpriv of util-linux" }, async () => {
    const parent = spawn(process.execPath, ["--input-type=module", "-e", program], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    const [line] = (await once(parent.stdout, "data")) as [Buffer];
    const pid = Number(line.toString());
    assert.ok(pid > 0 && lives(pid));
    parent.kill("SIGKILL");
    // The runner's own limit ends what never is.
    while (lives(pid)) await new Promise((resolve) => setTimeout(resolve, 10));
  });
}
