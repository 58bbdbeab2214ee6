/**
 * `npm run start-bench`: how long a start takes, from spawn to the first greeting on port 25, and how long two commands, in turns
 * with a bare `node -e ""`; medians of `--starts 7`. Launchers of other builds named behind it take their turns with ours; `--json`.
 */
import { spawnSync } from "node:child_process";
import { readFileSync, rmSync } from "node:fs";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { LAUNCHER, TestServer } from "../e2e/server.ts";
import { greeting } from "./greeting.ts";

const { values, positionals } = parseArgs({
  options: { json: { type: "boolean", default: false }, starts: { type: "string", default: "7" } },
  allowPositionals: true,
});

type Figures = { readonly [what: string]: number };

const since = (started: number): number => performance.now() - started;

/** As an operator types it. */
function command_ms(...args: readonly string[]): number {
  const started = performance.now();
  const { status, stderr } = spawnSync(process.execPath, args, { encoding: "utf8" });
  if (status !== 0) throw new Error(`node ${args.join(" ")}: ${stderr}`);
  return since(started);
}

const resident_MiB = (pid: number): number =>
  Number(/^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, "latin1"))?.[1]) / 1024;

async function figuresOf(server: TestServer, launcher: string): Promise<Figures> {
  const started = performance.now();
  const starting = server.start(launcher);
  await greeting(server.ports.smtp);
  const start_ms = since(started);
  await starting;
  const ready_ms = since(started);
  const memory_MiB = resident_MiB(server.pid);
  await server.stop();
  return {
    start_ms,
    ready_ms,
    memory_MiB,
    version_ms: command_ms(launcher, "--version"),
    check_ms: command_ms(launcher, "--config", server.config, "check"),
  };
}

const median = (figures: readonly number[]): number =>
  Math.round(figures.toSorted((a, b) => a - b)[Math.floor(figures.length / 2)] ?? 0);

const launchers = [LAUNCHER, ...positionals.map((file) => resolve(file))];
const seen = new Map<string, Map<string, number[]>>();
function note(who: string, figures: Figures): void {
  const known = seen.get(who) ?? new Map<string, number[]>();
  seen.set(who, known);
  for (const [what, value] of Object.entries(figures)) known.set(what, [...(known.get(what) ?? []), value]);
}

await using servers = new AsyncDisposableStack();
/** With data of its own making: another build may not know those of this one. */
async function serverOf(launcher: string): Promise<TestServer> {
  const server = servers.use(await TestServer.create({ users: [], toml: '[log]\nlevel = "warn"' }));
  rmSync(join(server.directory, "data"), { recursive: true, force: true });
  // Not counted: it compiles its modules once, and keeps what it compiled.
  await figuresOf(server, launcher);
  return server;
}

const builds: [string, TestServer][] = [];
for (const launcher of launchers) builds.push([launcher, await serverOf(launcher)]);
for (let i = 0; i < Number(values.starts); i++) {
  note("node", { start_ms: command_ms("-e", "") });
  for (const [launcher, server] of builds) note(launcher, await figuresOf(server, launcher));
}

const medians = [...seen].map(([who, figures]) => ({
  who,
  ...Object.fromEntries([...figures].map(([what, all]) => [what, median(all)])),
}));
if (values.json) console.log(JSON.stringify(medians));
else console.table(medians);
