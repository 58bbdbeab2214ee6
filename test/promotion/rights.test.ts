import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { chownSync, mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { parseConfig } from "../../src/config/parse.ts";
import { onTrial } from "../../src/promotion/trial-server.ts";
import { lockHolderPath } from "../../src/store/sqlite/layout.ts";
import { LAUNCHER } from "../e2e/server.ts";

const NOBODY = 65_534;

/** Why this cannot be tried here. */
function hindrance(): string | false {
  if (process.getuid?.() !== 0) return "only root gives rights away";
  const args = ["--reuid", String(NOBODY), "--clear-groups", process.execPath, LAUNCHER, "--version"];
  return spawnSync("setpriv", args).status === 0 ? false : "nobody else may read this program";
}

test(
  "a trial as root: the server has the rights of the real one, and where root writes nobody else may",
  { skip: hindrance() },
  async () => {
    const data = mkdtempSync(join(tmpdir(), "wachpost-rights-"));
    try {
      chownSync(data, NOBODY, NOBODY);
      const read = parseConfig(
        `hostname = "mail.example.org"\ndata = ${JSON.stringify(data)}\n[listeners.web]\nenabled = false\n`,
      );
      assert.ok(read.ok);
      const tried = await onTrial(read.value, ({ config }) => {
        const place = dirname(config.data);
        const pid = readFileSync(lockHolderPath(join(config.data, "store")), "utf8").trim();
        const uid = /^Uid:\s*(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1];
        const of = (path: string) => [statSync(path).uid, statSync(path).mode & 0o777];
        return Promise.resolve({
          uid,
          place: of(place),
          file: of(join(place, "wachpost.toml")),
          data: of(config.data),
        });
      });
      assert.deepEqual(tried, {
        ok: true,
        value: { uid: String(NOBODY), place: [0, 0o710], file: [0, 0o644], data: [NOBODY, 0o700] },
      });
    } finally {
      rmSync(data, { recursive: true, force: true });
    }
  },
);
