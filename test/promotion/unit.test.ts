import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { isMainOf } from "../../src/promotion/machine-server.ts";

test("a unit is the server's only if its main process is the server or its launcher", () => {
  const bin = mkdtempSync(join(tmpdir(), "wachpost-systemctl-"));
  const path = process.env.PATH;
  // What systemctl says here is not for us to arrange.
  process.env.PATH = bin;
  try {
    assert.equal(isMainOf("wachpost.service", process.pid), false, "no systemctl");
    const table = [
      [process.pid, true],
      [process.ppid, true],
      [1, process.ppid === 1],
      [0, false],
    ] as const;
    for (const [main, want] of table) {
      writeFileSync(join(bin, "systemctl"), `#!/bin/sh\necho ${main}\n`, { mode: 0o755 });
      assert.equal(isMainOf("cron.service", process.pid), want, `main process ${main}`);
    }
  } finally {
    process.env.PATH = path;
    rmSync(bin, { recursive: true });
  }
});
