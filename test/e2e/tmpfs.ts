/** A small disk in memory, for tests of full and read-only ones; needs the right to mount. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

export type Disk = Disposable & { remount(option: "ro" | "rw"): void };

const mount = (...args: string[]) => spawnSync("mount", args, { encoding: "utf8" });

export function mountTmpfs(directory: string, size: string): Disk {
  const mounted = mount("-t", "tmpfs", "-o", `size=${size}`, "tmpfs", directory);
  assert.equal(mounted.status, 0, mounted.stderr);
  return {
    remount(option) {
      const remounted = mount("-o", `remount,${option}`, directory);
      assert.equal(remounted.status, 0, remounted.stderr);
    },
    [Symbol.dispose]: () => void spawnSync("umount", ["-l", directory]),
  };
}

/** False, or why a test that needs such a disk is skipped. */
export function mountable(): string | false {
  const directory = mkdtempSync(join(tmpdir(), "wachpost-mount-"));
  const tried = mount("-t", "tmpfs", "-o", "size=1m", "tmpfs", directory);
  if (tried.status === 0) spawnSync("umount", [directory]);
  rmdirSync(directory);
  return tried.status === 0 ? false : "a tmpfs cannot be mounted here: run the test as root to include it";
}
