/** The short form of `npm run postfix-compare`: where Debian's Postfix can be had, its replies are ours. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { test, type TestContext } from "node:test";

const here = (name: string): string => fileURLToPath(new URL(name, import.meta.url));

function compare(t: TestContext, args: readonly string[], sets: number): void {
  const { status, stdout, stderr } = spawnSync(process.execPath, [here("compare.ts"), ...args], {
    encoding: "utf8",
  });
  if (status === 2) return t.skip(stderr.trim());
  assert.equal(status, 0, stdout + stderr);
  const none = `^${sets} rule sets, \\d+ sessions, \\d+ commands: 0 with another code, 0 with other words$`;
  assert.match(stdout, new RegExp(none, "m"));
}

test("random sessions: the same replies as Postfix", (t) => compare(t, ["4", "3", "1"], 5));

test("rules by hand, one for each finding of the long runs: the same replies as Postfix", (t) =>
  compare(t, ["--hand", here("hand.json")], 15));
