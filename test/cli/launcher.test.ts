/** bin/wachpost.js: under an older Node it hands over to the one of the package; what it compiled it keeps where only we write. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import {
  chmodSync,
  chownSync,
  copyFileSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { after, test } from "node:test";
import { LAUNCHER } from "../setup/workshop.ts";

const olderNode = (process.env["PATH"] ?? "")
  .split(":")
  .map((directory) => join(directory, "node"))
  .find((file) => {
    const major = Number(
      /^v([0-9]+)/.exec(spawnSync(file, ["--version"], { encoding: "utf8" }).stdout ?? "")?.[1],
    );
    return major >= 20 && major < 26;
  });
const skip = olderNode === undefined && "no Node from 20 to 25 in PATH: apt-get install nodejs";

const place = mkdtempSync(join(tmpdir(), "wachpost-launcher-"));
after(() => rmSync(place, { recursive: true, force: true }));

const launcher = join(place, "bin/wachpost.js");
mkdirSync(dirname(launcher));
copyFileSync(LAUNCHER, launcher);
writeFileSync(join(place, "package.json"), '{"type":"module"}');

const launch = () => spawnSync(olderNode ?? "", [launcher, "--version"], { encoding: "utf8" });

/** What stands in for the Node of the package. */
function pinned(script: string): void {
  const binary = join(place, "node_modules/node/bin/node");
  mkdirSync(dirname(binary), { recursive: true });
  writeFileSync(join(place, "node_modules/node/package.json"), '{"name":"node","version":"26.0.0"}');
  writeFileSync(binary, script);
  chmodSync(binary, 0o755);
}

test("without the packages: what to run", { skip }, () => {
  const { status, stderr } = launch();
  assert.equal(status, 1);
  assert.match(stderr, /Node 26 is not there\.\n {2}-> .*npm ci/);
});

test("a system library is missing: which package brings it", { skip }, () => {
  // As ld.so ends a program, with its own words before.
  pinned("#!/bin/sh\necho 'libatomic.so.1: cannot open shared object file' >&2\nexit 127\n");
  const { status, stderr } = launch();
  assert.equal(status, 1);
  assert.match(
    stderr,
    /does not start on this machine: a system library is missing\.\n {2}-> .*apt-get install libatomic1/,
  );
});

test("no loader for it at all, as on Alpine: take another Node", { skip }, () => {
  pinned("#!/no/such/loader\n");
  const { status, stderr } = launch();
  assert.equal(status, 1);
  assert.match(stderr, /does not start on this machine: .*ENOENT.*\n {2}-> .*install Node 26 yourself/);
});

test("the status of the command comes through", { skip }, () => {
  pinned("#!/bin/sh\nexit 2\n");
  const { status, stderr } = launch();
  assert.deepEqual([status, stderr], [2, ""]);
});

/** Says where it keeps what is compiled, in the first thread and in another. */
const SAY_CACHE = `
  import { getCompileCacheDir } from "node:module";
  import { Worker } from "node:worker_threads";
  const there = "require('worker_threads').parentPort.postMessage(require('module').getCompileCacheDir() ?? null)";
  export const run = () => {
    new Worker(there, { eval: true }).on("message", (second) =>
      console.log(JSON.stringify([getCompileCacheDir() ?? null, second])));
  };
`;

/** With a directory for temporary files that is prepared so. */
function cachesIn(prepare: (ours: string) => void): { ours: string; caches: (string | null)[] } {
  mkdirSync(join(place, "dist"), { recursive: true });
  writeFileSync(join(place, "dist/command-line.js"), SAY_CACHE);
  const temporary = mkdtempSync(join(place, "tmp-"));
  const ours = join(temporary, `wachpost-compiled-${process.getuid?.()}`);
  prepare(ours);
  const { NODE_COMPILE_CACHE: _, ...env } = process.env;
  const { stdout, stderr } = spawnSync(process.execPath, [launcher], {
    encoding: "utf8",
    env: { ...env, TMPDIR: temporary },
  });
  assert.equal(stderr, "");
  return { ours, caches: JSON.parse(stdout) as (string | null)[] };
}

test("what is compiled is kept, for threads too, in a directory for us alone", () => {
  const { ours, caches } = cachesIn(() => {});
  for (const cache of caches) assert.equal(dirname(cache ?? ""), ours);
  assert.equal(lstatSync(ours).mode & 0o777, 0o700);
});

const NOT_OURS: readonly { name: string; prepare: (ours: string) => void; skip?: string | false }[] = [
  { name: "others may write to it", prepare: (ours) => (mkdirSync(ours), chmodSync(ours, 0o777)) },
  {
    name: "a link",
    prepare: (ours) => (mkdirSync(`${ours}-of-another`), symlinkSync(`${ours}-of-another`, ours)),
  },
  { name: "a file", prepare: (ours) => writeFileSync(ours, "") },
  {
    name: "another made it",
    prepare: (ours) => (mkdirSync(ours), chownSync(ours, 65_534, 65_534)),
    skip: process.getuid?.() !== 0 && "only root gives directories away: run as root",
  },
];
for (const { name, prepare, skip: why = false } of NOT_OURS)
  test(`code that is kept elsewhere is not run: ${name}`, { skip: why }, () => {
    const { caches } = cachesIn(prepare);
    assert.deepEqual(caches, [null, null]);
  });
