/** What `npm pack` yields, installed elsewhere: it runs without this checkout. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { run, type Ran } from "./programs.ts";
import { startTry } from "./trial.ts";

const ROOT = join(dirname(fileURLToPath(import.meta.url)), "../..");
const OFFLINE = /ENOTFOUND|ECONNREFUSED|ETIMEDOUT|EAI_AGAIN|ENETUNREACH|network|registry/i;

let workshop: string;
before(() => {
  workshop = mkdtempSync(join(tmpdir(), "wachpost-package-"));
});
after(() => rmSync(workshop, { recursive: true, force: true }));

/** `cd` first, so that npm and npx act there. */
const at = (directory: string, program: string, ...args: string[]): Promise<Ran> =>
  run("sh", ["-c", 'cd "$0" && exec "$@"', directory, program, ...args]);

test("npm pack, npm install elsewhere, npx wachpost try", { timeout: 110_000 }, async (t) => {
  const packed = await at(ROOT, "npm", "pack", "--pack-destination", workshop);
  assert.equal(packed.status, 0, packed.stderr);
  const tarball = readdirSync(workshop).find((name) => name.endsWith(".tgz")) ?? assert.fail("no tarball");
  const listed = await run("tar", ["-tzf", join(workshop, tarball)]);
  const files = listed.stdout.trim().split("\n");
  const allowed = /^package\/((bin|dist|data)\/.+|package\.json|README\.md|LICENSE)$/;
  assert.deepEqual(
    files.filter((file) => !allowed.test(file)),
    [],
  );
  assert.deepEqual(
    files.filter((file) => /\.ts$|\.test\.|conformance/.test(file)),
    [],
    "no sources, no tests",
  );
  for (const file of ["bin/wachpost.js", "dist/main.js", "dist/store/sqlite/writer.js"])
    assert.ok(files.includes(`package/${file}`), file);

  const home = join(workshop, "elsewhere");
  mkdirSync(home);
  writeFileSync(join(home, "package.json"), '{ "private": true }\n');
  const options = ["--prefer-offline", "--no-audit", "--no-fund"];
  const installed = await at(home, "npm", "install", ...options, join(workshop, tarball));
  if (installed.status !== 0 && OFFLINE.test(installed.stderr)) {
    t.diagnostic(`NOT TESTED: the package could not be installed, the registry is out of reach.`);
    return t.skip(installed.stderr.split("\n")[0] ?? "registry out of reach");
  }
  assert.equal(installed.status, 0, installed.stderr);
  assert.ok(!readdirSync(join(home, "node_modules")).includes("typescript"), "nothing for development");

  const help = await at(home, "npx", "wachpost", "--help");
  assert.equal(help.status, 0, help.stderr);
  assert.match(help.stdout, /^Usage: wachpost \[options\] \[command\]/);
  const launcher = join(home, "node_modules/.bin/wachpost");
  await using trial = await startTry(join(home, "mail"), 10_600, [launcher], home);
  assert.deepEqual(
    trial.ready.selfTest.filter(({ ok }) => !ok),
    [],
  );
  assert.ok(trial.ready.password);
  assert.equal(await trial.end("SIGINT"), 0);
});
