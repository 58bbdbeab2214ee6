/** The short form of `npm run postfix-compare`: where Debian's Postfix can be had, its replies are ours. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { test } from "node:test";

const COMPARE = fileURLToPath(new URL("compare.ts", import.meta.url));

test("random sessions: the same replies as Postfix", (t) => {
  const { status, stdout, stderr } = spawnSync(process.execPath, [COMPARE, "4", "3", "1"], {
    encoding: "utf8",
  });
  if (status === 2) return t.skip(stderr.trim());
  assert.equal(status, 0, stdout + stderr);
  assert.match(stdout, /^5 rule sets, \d+ sessions, \d+ commands: 0 with another code, 0 with other words$/m);
});
