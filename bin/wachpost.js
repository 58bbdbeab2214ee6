#!/usr/bin/env node
// Finds the pinned Node and runs the server with it: from source in a checkout, compiled in a package.
import { spawn } from "node:child_process";
import { existsSync, lstatSync, mkdirSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const NODE_MAJOR = 26;
const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const source = join(root, "src", "command-line.ts");
const entry = existsSync(source) ? source : join(root, "dist", "command-line.js");

if (Number(process.versions.node.split(".")[0]) >= NODE_MAJOR) {
  await keepCompiled();
  await resolveByName();
  await compileSoon();
  const { run } = await import(entry);
  await run(process.argv.slice(2));
} else {
  const child = spawn(pinnedNode(), [fileURLToPath(import.meta.url), ...process.argv.slice(2)], {
    stdio: "inherit",
  });
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => child.kill(signal));
  child.on("error", (error) => doesNotStart(error.message));
  child.on("exit", (code, signal) => {
    process.exitCode = signal ? 1 : (code ?? 1);
    // The loader's own status where a shared library is missing; it has said which.
    if (code === 127) doesNotStart("a system library is missing");
  });
}

/** Between runs. Threads and other processes of ours learn the place from the environment. */
async function keepCompiled() {
  const { enableCompileCache } = await import("node:module");
  const directory = process.env.NODE_COMPILE_CACHE ?? directoryOfOurs();
  if (directory === undefined) return;
  process.env.NODE_COMPILE_CACHE = directory;
  enableCompileCache(directory);
}

/**
 * A relative import names its file in full. Node asks the disk all the same whether it is there, a link, and what its package says
 * of it, for each of some thousand imports: a third of the time to the first greeting (npm run start-bench).
 */
async function resolveByName() {
  const { registerHooks } = await import("node:module");
  registerHooks({
    resolve(specifier, context, next) {
      if (!/^\.\.?\/.*\.[jt]s$/.test(specifier) || !context.conditions.includes("import"))
        return next(specifier, context);
      const { href: url } = new URL(specifier, context.parentURL);
      return { url, ...(url.endsWith(".ts") ? { format: "module-typescript" } : {}), shortCircuit: true };
    },
  });
}

/**
 * What a server does it does once for each message, not in loops: V8's own counts (400 and 3,000) would leave a small one slow
 * for days.
 */
async function compileSoon() {
  const { setFlagsFromString } = await import("node:v8");
  setFlagsFromString("--invocation-count-for-maglev=150");
  setFlagsFromString("--invocation-count-for-turbofan=800");
}

/** Nobody else may have made it or write to it: what lies there is run, as root by a command of root's. */
function directoryOfOurs() {
  const us = process.getuid?.();
  const directory = join(tmpdir(), `wachpost-compiled-${us}`);
  try {
    mkdirSync(directory, { recursive: true, mode: 0o700 });
    const { mode, uid } = lstatSync(directory);
    const ours = uid === us && (mode & 0o170022) === 0o040000;
    return ours ? directory : undefined;
  } catch {
    return undefined; // A disk that is full or not to be written on: it only takes longer.
  }
}

/** The binary is built for glibc and wants libatomic, which the smallest systems lack. */
function doesNotStart(reason) {
  console.error(
    `wachpost: The Node ${NODE_MAJOR} that comes with the package does not start on this machine: ${reason}.\n` +
      `  -> On Debian and Ubuntu: apt-get install libatomic1. Elsewhere (Alpine): install Node ${NODE_MAJOR} yourself; then that one is used.`,
  );
  process.exitCode = 1;
}

function pinnedNode() {
  try {
    const manifest = createRequire(import.meta.url).resolve("node/package.json");
    const binary = join(dirname(manifest), "bin", "node");
    if (existsSync(binary)) return binary;
  } catch {
    // Not installed: explained below.
  }
  console.error(
    `wachpost: Node ${NODE_MAJOR} is not there.\n  -> It comes with the packages: run "npm ci" in this directory.`,
  );
  process.exit(1);
}
