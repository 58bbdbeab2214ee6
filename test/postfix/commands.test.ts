import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { Command } from "commander";
import { importPostfixCommand } from "../../src/cli/import-postfix.ts";
import { lintCommand } from "../../src/cli/lint.ts";
import { readDirectory } from "../../src/postfix/read-directory.ts";
import { HOUSE } from "./house.ts";

/** The house of `import.test.ts` on disk: ROOT/etc/postfix, ROOT/etc/aliases, … */
function houseOnDisk(): { readonly root: string; readonly postfix: string } {
  const root = mkdtempSync(join(tmpdir(), "wachpost-postfix-"));
  for (const [path, text] of Object.entries(HOUSE)) {
    const file = join(root, path.startsWith("/") ? path : `etc/postfix/${path}`);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
  }
  return { root, postfix: join(root, "etc/postfix") };
}

async function run(...argv: readonly string[]): Promise<string> {
  const program = new Command("wachpost").option("--json").exitOverride();
  importPostfixCommand(program);
  lintCommand(program);
  const written: string[] = [];
  const write = process.stdout.write.bind(process.stdout);
  process.stdout.write = (text: string | Uint8Array) => written.push(String(text)) > 0;
  try {
    await program.parseAsync([...argv], { from: "user" });
  } finally {
    process.stdout.write = write;
  }
  return written.join("");
}

test("import postfix: writes the files, secrets for the owner only, never over existing ones", async () => {
  const { root, postfix } = houseOnDisk();
  try {
    const out = join(root, "new");
    assert.doesNotMatch(await run("import", "postfix", postfix, "--out", out, "--dry-run"), /Written/);
    assert.equal(statSync(out, { throwIfNoEntry: false }), undefined);
    assert.match(await run("import", "postfix", postfix, "--out", out), /Written: wachpost\.toml/);
    assert.equal(readFileSync(join(out, "secrets/next-hop-4"), "utf8"), "pa:ss");
    for (const name of ["secrets/next-hop-4", "directory.json"])
      assert.equal(statSync(join(out, name)).mode & 0o777, 0o600);
    const directory = readFileSync(join(out, "directory.json"), "utf8");
    assert.match(directory, /\$6\$salt\$hash/);
    assert.doesNotMatch(directory, /secret/);
    await assert.rejects(run("import", "postfix", postfix, "--out", out), { code: "not-written" });
    const json = JSON.parse(await run("--json", "import", "postfix", postfix)) as {
      accounts: unknown[];
      written: unknown[];
    };
    assert.equal(json.accounts.length, 3);
    assert.deepEqual(json.written, []);
    await assert.rejects(run("import", "postfix", join(root, "etc")), { code: "no-main-cf" });
  } finally {
    rmSync(root, { recursive: true });
  }
});

test("lint postfix: exit code 1 where something is wrong", async () => {
  const { root, postfix } = houseOnDisk();
  const before = process.exitCode;
  try {
    const text = await run("lint", "postfix", postfix);
    assert.match(text, /main\.cf:\d+: warning: .*\[dead-zone\]/);
    assert.equal(process.exitCode, 1);
  } finally {
    process.exitCode = before;
    rmSync(root, { recursive: true });
  }
});

test("reading a directory: nothing outside of its root, no device, no pipe", () => {
  const { root, postfix } = houseOnDisk();
  try {
    symlinkSync("/etc/passwd", join(postfix, "link"));
    execFileSync("mkfifo", [join(postfix, "pipe")]);
    const sources = readDirectory(postfix);
    for (const path of [
      "link",
      "pipe",
      "../../../../../../etc/passwd",
      "/etc/passwd",
      "/dev/zero",
      "/etc/postfix/../../../../etc/passwd",
      "\0",
    ]) {
      assert.equal(sources.read(path), undefined, path);
    }
    assert.equal(sources.read("/etc/aliases"), HOUSE["/etc/aliases"]);
    assert.equal(sources.read("/etc/postfix/virtual"), HOUSE["/etc/postfix/virtual"]);
  } finally {
    rmSync(root, { recursive: true });
  }
});
