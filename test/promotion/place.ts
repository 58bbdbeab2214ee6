/** A real server that is restarted by a command of its operator, as `wachpost config apply` finds it on a machine. */
import assert from "node:assert/strict";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { lastStart } from "../../src/config/tried.ts";
import { freePort, LAUNCHER } from "../e2e/server.ts";
import { run, type Ran } from "../e2e/programs.ts";

const PATIENCE_MS = 60_000;

export class Place implements AsyncDisposable {
  readonly directory = mkdtempSync(join(tmpdir(), "wachpost-config-"));
  readonly config = join(this.directory, "wachpost.toml");
  readonly data = join(this.directory, "data");
  readonly restart = `sh ${join(this.directory, "restart.sh")}`;
  readonly ports: readonly number[];
  readonly text: string;

  private constructor(ports: readonly number[]) {
    this.ports = ports;
    const doors = ["smtp", "submissions", "imaps"].map(
      (door, i) => `[listeners.${door}]\naddresses = ["127.0.0.1"]\nport = ${ports[i] ?? 0}\n`,
    );
    // So that a test can come as a stranger; nothing asks the real DNS.
    doors[0] += 'xclient_from = ["127.0.0.1"]\n';
    this.text = `hostname = "mail.wachpost.test"\ndata = ${JSON.stringify(this.data)}\ndns.servers = ["127.0.0.1:9"]\n${doors.join("")}`;
    writeFileSync(this.config, this.text, { mode: 0o640 });
    writeFileSync(join(this.directory, "restart.sh"), restartScript(this.directory));
    writeFileSync(join(this.directory, "neighbour.js"), neighbour(ports[3] ?? 0));
  }

  /** With a domain and an account, not started yet. */
  static async make(): Promise<Place> {
    const ports: number[] = [];
    while (ports.length < 4) {
      const port = await freePort("127.0.0.1");
      if (!ports.includes(port)) ports.push(port);
    }
    const place = new Place(ports);
    await place.ok("domain", "add", "wachpost.test");
    await place.ok("account", "add", "you@wachpost.test", "--json");
    return place;
  }

  async start(): Promise<void> {
    const ran = await run("/bin/sh", ["-c", this.restart]);
    assert.equal(ran.status, 0, ran.stderr);
    for (const until_ms = Date.now() + PATIENCE_MS; lastStart(this.data)?.pid !== this.pid;) {
      assert.ok(Date.now() < until_ms, readFileSync(join(this.directory, "log"), "utf8"));
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }

  get pid(): number {
    return Number(readFileSync(join(this.directory, "pid"), "utf8"));
  }

  get inPlace(): string {
    return readFileSync(this.config, "utf8");
  }

  get log(): string {
    return readFileSync(join(this.directory, "log"), "utf8");
  }

  cli(...args: string[]): Promise<Ran> {
    return run(process.execPath, [LAUNCHER, "--config", this.config, ...args]);
  }

  async ok(...args: string[]): Promise<string> {
    const { status, stdout, stderr } = await this.cli(...args);
    assert.equal(status, 0, `wachpost ${args.join(" ")}: ${stdout}${stderr}`);
    return stdout;
  }

  /** A file beside, with other settings. */
  write(name: string, text: string): string {
    const file = join(this.directory, name);
    writeFileSync(file, text);
    return file;
  }

  /** The next restart goes wrong: the command, the server, or the process that gave the command. */
  sabotage(kind: "fails" | "port" | "kill"): void {
    writeFileSync(join(this.directory, kind), "");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (existsSync(join(this.directory, "pid"))) await run("/bin/sh", ["-c", `${this.restart} stop`]);
    rmSync(this.directory, { recursive: true, force: true });
  }
}

const neighbour = (port: number): string =>
  `require("node:net").createServer().listen(${port}, "127.0.0.1", () => require("node:fs").writeFileSync("held", ""))`;

/** `port`: somebody takes the door 4 between the trial and the start, for as long as that lasts. */
const restartScript = (directory: string): string => `
cd ${directory}
if [ -f fails ]; then rm fails; echo "no such unit" >&2; exit 5; fi
if [ -f kill ]; then rm kill; kill -9 $(sed 's/.*"pid":\\([0-9]*\\).*/\\1/' data/settings/promotion.json); exit 1; fi
if [ -f pid ]; then kill -TERM $(cat pid) 2>/dev/null; while kill -0 $(cat pid) 2>/dev/null; do sleep 0.1; done; fi
if [ -f holder ]; then kill $(cat holder); rm holder; fi
if [ "$1" = stop ]; then exit 0; fi
if [ -f port ]; then
  nohup ${process.execPath} neighbour.js >/dev/null 2>&1 </dev/null &
  echo $! > holder; rm port; while [ ! -f held ]; do sleep 0.1; done; rm held
fi
nohup ${process.execPath} ${LAUNCHER} --config wachpost.toml --json start >out 2>log </dev/null &
echo $! > pid
`;
