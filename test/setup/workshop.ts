/** A machine to set up: directories of its own, free ports, and the real command line. */
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { chmodSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer, type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { run as runProgram, type Ran } from "../e2e/programs.ts";

export const LAUNCHER = fileURLToPath(new URL("../../bin/wachpost.js", import.meta.url));
export const DOMAIN = "example.test";

/** Output as text: setup has more than ASCII to say. */
export async function run(program: string, args: readonly string[]): Promise<Ran> {
  const { status, stdout, stderr } = await runProgram(program, args);
  const text = (octets: string): string => Buffer.from(octets, "latin1").toString("utf8");
  return { status, stdout: text(stdout), stderr: text(stderr) };
}

export type SetupJson = {
  readonly ok: boolean;
  readonly steps: readonly {
    readonly step: string;
    readonly standing: string;
    readonly code: string;
    readonly text: string;
    readonly lines?: readonly string[];
    readonly remedy?: string;
  }[];
};

export class Workshop implements Disposable {
  readonly directory = mkdtempSync(join(tmpdir(), "wachpost-setup-"));
  readonly ports: {
    readonly smtp: number;
    readonly submissions: number;
    readonly imaps: number;
    readonly web: number;
    readonly http: number;
  };

  private constructor(ports: Workshop["ports"]) {
    this.ports = ports;
    // The server's user has to come through.
    chmodSync(this.directory, 0o755);
  }

  static async open(): Promise<Workshop> {
    const [smtp = 0, submissions = 0, imaps = 0, web = 0, http = 0] = await freePorts(5);
    return new Workshop({ smtp, submissions, imaps, web, http });
  }

  file = (name: string): string => join(this.directory, name);
  read = (name: string): string => readFileSync(this.file(name), "utf8");

  /** Nothing of the machine is touched: no system user, no unit in /etc, loopback only. */
  get flags(): readonly string[] {
    const ports = Object.entries(this.ports).map(([name, port]) => `${name}=${port}`);
    return [
      ["--yes", "--lang", "en"],
      [
        "--data",
        this.file("data"),
        "--config",
        this.file("wachpost.toml"),
        "--unit",
        this.file("wachpost.service"),
      ],
      ["--listen", "127.0.0.1", "--ports", ports.join(",")],
      ["--public-address", "127.0.0.1", "--outside", "127.0.0.1:1"],
      ...(process.getuid?.() === 0 ? [["--user", "nobody"]] : []),
    ].flat();
  }

  /** `wachpost setup example.test …`, to its end. */
  setup(...more: readonly string[]) {
    return run(process.execPath, [LAUNCHER, "setup", DOMAIN, ...this.flags, ...more]);
  }

  /** The same, not waited for. */
  begin(...more: readonly string[]): ChildProcess {
    return spawn(process.execPath, [LAUNCHER, "setup", DOMAIN, ...this.flags, ...more], {
      stdio: ["ignore", "pipe", "pipe"],
    });
  }

  wachpost(...more: readonly string[]) {
    return run(process.execPath, [LAUNCHER, ...more, "--config", this.file("wachpost.toml")]);
  }

  [Symbol.dispose](): void {
    rmSync(this.directory, { recursive: true, force: true });
  }
}

export async function freePorts(count: number): Promise<readonly number[]> {
  const servers = await Promise.all(
    Array.from({ length: count }, async () => {
      const server = createServer().listen(0, "127.0.0.1");
      await once(server, "listening");
      return server;
    }),
  );
  const ports = servers.map((server) => (server.address() as AddressInfo).port);
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}
