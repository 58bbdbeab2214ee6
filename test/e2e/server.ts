/** Starts the real server as a process of its own, with real accounts made by the real command line. */
import assert from "node:assert/strict";
import { spawn, spawnSync, type ChildProcess } from "node:child_process";
import { randomInt } from "node:crypto";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { run } from "./programs.ts";

const ROOT = join(dirname(fileURLToPath(import.meta.url)), "../..");
export const LAUNCHER = join(ROOT, "bin/wachpost.js");
const SEVERAL = join(ROOT, "test/e2e/several-commands.ts");
const START_MS = 100_000;
const EXPLAIN_TRIES = 10;

export type Ports = {
  readonly smtp: number;
  readonly submissions: number;
  readonly submission: number;
  readonly imaps: number;
  readonly pop3s: number;
};

export type ServerSettings = {
  readonly host?: string;
  readonly hostName?: string;
  readonly domain?: string;
  /** Local parts; each gets an account with a generated password. */
  readonly users?: readonly string[];
  readonly ports?: Partial<Ports>;
  /** More lines for `wachpost.toml`, and for its `[listeners.smtp]` table. */
  readonly toml?: string;
  readonly smtpToml?: string;
};

export type CliResult = { readonly status: number; readonly stdout: string; readonly stderr: string };

/** A server under test: its process can be stopped, killed and started again on the same data. */
export class TestServer implements AsyncDisposable {
  readonly directory: string;
  readonly host: string;
  readonly domain: string;
  readonly ports: Ports;
  readonly passwords = new Map<string, string>();
  readonly log: string[] = [];
  #process: ChildProcess | undefined;

  private constructor(directory: string, host: string, domain: string, ports: Ports) {
    this.directory = directory;
    this.host = host;
    this.domain = domain;
    this.ports = ports;
  }

  static async create(settings: ServerSettings = {}): Promise<TestServer> {
    const host = settings.host ?? "127.0.0.1";
    const domain = settings.domain ?? "wachpost.test";
    const ports = { ...(await freePorts(host)), ...settings.ports };
    const server = new TestServer(mkdtempSync(join(tmpdir(), "wachpost-e2e-")), host, domain, ports);
    writeFileSync(server.config, configText(server, settings));
    server.#furnish(settings.users ?? ["you"]);
    return server;
  }

  static async start(settings: ServerSettings = {}): Promise<TestServer> {
    const server = await TestServer.create(settings);
    await server.start();
    return server;
  }

  get config(): string {
    return join(this.directory, "wachpost.toml");
  }

  get authorityFile(): string {
    return join(this.directory, "data/tls/ca.pem");
  }

  get pid(): number {
    return this.#process?.pid ?? 0;
  }

  login(user = "you"): string {
    return `${user}@${this.domain}`;
  }

  password(user = "you"): string {
    return this.passwords.get(user) ?? assert.fail(`no user ${user}`);
  }

  addUser(user: string, ...more: string[]): void {
    this.#noteUser(user, this.cliOk(...this.#adding(user), ...more));
  }

  #adding(user: string): string[] {
    return ["account", "add", this.login(user), "--json"];
  }

  #noteUser(user: string, output: string): void {
    this.passwords.set(user, (JSON.parse(output) as { password: string }).password);
  }

  /** The domain and its users, by one process. */
  #furnish(users: readonly string[]): void {
    const commands = [["domain", "add", this.domain], ...users.map((user) => this.#adding(user))];
    const all = commands.map((command) => ["--config", this.config, ...command]);
    const { status, stdout, stderr } = spawnSync(process.execPath, [SEVERAL, JSON.stringify(all)], {
      encoding: "utf8",
      timeout: 60_000,
    });
    assert.equal(status, 0, `the domain and its users: ${stderr}`);
    const [, ...made] = stdout.split("\0");
    for (const [i, user] of users.entries()) this.#noteUser(user, made[i] ?? "");
  }

  cli(...args: string[]): CliResult {
    const run = spawnSync(process.execPath, [LAUNCHER, "--config", this.config, ...args], {
      encoding: "utf8",
      timeout: 60_000,
    });
    return { status: run.status ?? -1, stdout: run.stdout, stderr: run.stderr };
  }

  /** The same while this process goes on, for commands that ask something of it. */
  cliLater(...args: string[]): Promise<CliResult> {
    return run(process.execPath, [LAUNCHER, "--config", this.config, ...args]);
  }

  /** What `wachpost explain` tells, a sentence a line; records are written within a moment. */
  async explained(id: string, language: "en" | "de" = "en"): Promise<string> {
    for (let tries = 1; ; tries++) {
      const { status, stdout, stderr } = await this.cliLater("explain", id, "--lang", language, "--json");
      assert.equal(status, 0, stderr);
      const told = JSON.parse(Buffer.from(stdout, "latin1").toString()) as {
        readonly records: readonly unknown[];
        readonly sentences: readonly string[];
      };
      if (told.records.length > 0 || tries === EXPLAIN_TRIES) return told.sentences.join("\n");
    }
  }

  cliOk(...args: string[]): string {
    const { status, stdout, stderr } = this.cli(...args);
    assert.equal(status, 0, `wachpost ${args.join(" ")}: ${stderr}`);
    return stdout;
  }

  /** With octets on standard input. */
  cliWith(input: string, ...args: string[]): Promise<CliResult> {
    return run(process.execPath, [LAUNCHER, "--config", this.config, ...args], input);
  }

  /** `launcher`: of another build of the server. */
  async start(launcher = LAUNCHER): Promise<void> {
    const child = spawn(process.execPath, [launcher, "--config", this.config, "--json", "start"], {
      stdio: ["ignore", "pipe", "pipe"],
    });
    this.#process = child;
    createInterface({ input: child.stderr }).on("line", (line) => this.log.push(line));
    const out = createInterface({ input: child.stdout });
    const ready = once(out, "line", { signal: AbortSignal.timeout(START_MS) });
    const failed = once(child, "exit").then(([code]) =>
      assert.fail(`exit ${String(code)}: ${this.log.join("\n")}`),
    );
    failed.catch(() => {});
    await Promise.race([ready, failed]);
  }

  async stop(): Promise<number> {
    return this.#end("SIGTERM");
  }

  async kill(): Promise<void> {
    await this.#end("SIGKILL");
  }

  async #end(signal: NodeJS.Signals): Promise<number> {
    const child = this.#process;
    this.#process = undefined;
    if (!child || child.exitCode !== null || child.signalCode !== null) return child?.exitCode ?? 0;
    const exit = once(child, "exit");
    child.kill(signal);
    const [code] = await exit;
    return (code as number | null) ?? -1;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
    rmSync(this.directory, { recursive: true, force: true });
  }
}

function configText(server: TestServer, settings: ServerSettings): string {
  const { ports, host } = server;
  const listener = (name: keyof Ports, more = ""): string =>
    `[listeners.${name}]\nenabled = true\naddresses = ["${host}"]\nport = ${ports[name]}\n${more}\n`;
  return [
    `hostname = "${settings.hostName ?? `mail.${server.domain}`}"`,
    `data = "${join(server.directory, "data")}"`,
    settings.toml ?? "",
    listener("smtp", settings.smtpToml),
    listener("submissions"),
    listener("submission"),
    listener("imaps"),
    listener("pop3s"),
  ].join("\n");
}

async function freePorts(host: string): Promise<Ports> {
  const [smtp = 0, submissions = 0, submission = 0, imaps = 0, pop3s = 0] = await Promise.all(
    Array.from({ length: 5 }, () => freePort(host)),
  );
  return { smtp, submissions, submission, imaps, pop3s };
}

/** Below those the system gives to connections that go out: one of them could take the port before the server does. */
const FREE_PORTS = [20_000, 32_000] as const;

/** A port nobody listens on. */
export async function freePort(host: string): Promise<number> {
  for (;;) {
    const port = randomInt(...FREE_PORTS);
    const probe = createServer();
    probe.listen(port, host);
    const free = await once(probe, "listening").then(
      () => true,
      ({ code }: NodeJS.ErrnoException) => {
        if (code !== "EADDRINUSE") throw new Error(`${host}:${port}: ${code}`);
        return false;
      },
    );
    if (!free) continue;
    probe.close();
    await once(probe, "close");
    return port;
  }
}
