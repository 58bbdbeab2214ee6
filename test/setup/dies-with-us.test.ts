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

const lives = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
};

test(
  "a program that a killed test started is gone, too",
  { skip: process.platform !== "linux" && "Linux only: setpriv of util-linux" },
  async () => {
    const parent = spawn(process.execPath, ["--input-type=module", "-e", PARENT], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    const [line] = (await once(parent.stdout, "data")) as [Buffer];
    const pid = Number(line.toString());
    assert.ok(pid > 0 && lives(pid));
    parent.kill("SIGKILL");
    // The runner's own limit ends what never is.
    while (lives(pid)) await new Promise((resolve) => setTimeout(resolve, 10));
  },
);
