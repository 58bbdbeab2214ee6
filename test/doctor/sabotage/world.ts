/**
 * A server as `wachpost setup` leaves it after what the documents tell to do next (DMARC and MTA-STS in force, backups,
 * every door), in a network of its own: BIND, Unbound and Pebble around it, real ports, addresses that count as public.
 */
import { spawn, spawnSync, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { chmodSync, chownSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { DoctorReport } from "../../../src/doctor/report-json.ts";
import { diesWithUs } from "../../setup/dies-with-us.ts";
import { nameAuthority } from "../../tls/named-authority.ts";
import { startPebble, type Pebble } from "../../tls/pebble.ts";
import { STRANGER, NAME_SERVERS, SERVER } from "./network.ts";
import { DOMAIN, HOST, until, Zones } from "./zones.ts";

const LAUNCHER = fileURLToPath(new URL("../../../bin/wachpost.js", import.meta.url));
const NOBODY = { uid: 65_534, gid: 65_534 } as const;
const isRoot = process.getuid?.() === 0;
/** Where a helper of the world listens; the rest has the ports everybody knows. */
const DIRECTORY_PORT = 14_000;
/** Smaller than the free space the server wants is never; a file of some size fills it. */
const DISK_MIB = 256;
const STRANGER_PORT = 14_025;
/** Who the authority says it is (RFC 8555 §7.1.1). */
export const AUTHORITY_NAME = "pebble.test";

const DMARC = `"v=DMARC1; p=reject; rua=mailto:postmaster@${DOMAIN}"`;

/** As before there is an account; setup makes it narrower. */
const WIDE = `0 issue "${AUTHORITY_NAME}"`;

type Ran = { readonly status: number; readonly stdout: string; readonly stderr: string };

export class World implements AsyncDisposable {
  #zones: Zones | undefined;
  #pebble: Pebble | undefined;
  readonly directory = mkdtempSync(join(tmpdir(), "wachpost-sabotage-"));
  /** Data of the records our domain has, by `NAME TYPE`. */
  readonly records = new Map<string, readonly string[]>();
  /** What the authority's clock shows more than ours. */
  authorityAhead_s = 0;
  readonly #rest = new AsyncDisposableStack();
  #server: ChildProcess | undefined;
  #log = "";

  private constructor() {
    // The server's user has to come through.
    chmodSync(this.directory, 0o755);
    // Of bounded size, and fast: a disk that can be filled.
    const { status, stderr } = spawnSync("mount", [
      "-t",
      "tmpfs",
      "-o",
      `size=${DISK_MIB}m,mode=755`,
      "none",
      this.directory,
    ]);
    if (status !== 0) throw new Error(`mount: ${String(stderr)}`);
  }

  static async open(): Promise<World> {
    const world = new World();
    try {
      await world.#begin();
      return world;
    } catch (error) {
      await world[Symbol.asyncDispose]();
      throw error;
    }
  }

  async #begin(): Promise<void> {
    this.#zones = this.#rest.use(await Zones.start());
    this.#pebble = this.#rest.use(await startPebble({}, `${NAME_SERVERS[0].four}:53`));
    await this.#around();
    await this.#setUp();
    await this.start();
    await this.#readZone();
  }

  get zones(): Zones {
    return this.#zones ?? fail();
  }
  get pebble(): Pebble {
    return this.#pebble ?? fail();
  }
  file = (name: string): string => join(this.directory, name);
  read = (name: string): string => readFileSync(this.file(name), "utf8");
  get config(): string {
    return this.file("wachpost.toml");
  }
  get data(): string {
    return this.file("data");
  }

  /** `wachpost …` as the server's user, who trusts the authority of this world. */
  run(
    args: readonly string[],
    { asRoot = false, env = {} as Readonly<Record<string, string>> } = {},
  ): Promise<Ran> {
    return ran(this.#spawn(args, asRoot, { ...this.#environment, ...env }));
  }

  async ok(args: readonly string[]): Promise<string> {
    const { status, stdout, stderr } = await this.run(args);
    if (status !== 0) throw new Error(`wachpost ${args.join(" ")}: ${stderr || stdout}`);
    return stdout;
  }

  /** What the doctor says; `only`: the families of checks that are asked for. */
  async doctor(
    only: readonly string[] = [],
    env: Readonly<Record<string, string>> = {},
  ): Promise<DoctorReport> {
    const flags = only.length === 0 ? [] : ["--only", only.join(",")];
    const { stdout, stderr } = await this.run(
      ["--config", this.config, "--json", "doctor", "--no-history", "--lang", "en", ...flags],
      { env },
    );
    try {
      return JSON.parse(stdout) as DoctorReport;
    } catch {
      throw new Error(`the doctor says no report: ${stderr || stdout}`);
    }
  }

  async start(): Promise<void> {
    const child = this.#spawn(["--config", this.config, "--json", "start"], false, this.#environment);
    this.#server = child;
    this.#log = "";
    child.stderr?.on("data", (chunk: Buffer) => (this.#log += chunk.toString()));
    const ready = once(child.stdout as NodeJS.ReadableStream, "data", {
      signal: AbortSignal.timeout(60_000),
    });
    const failed = once(child, "exit").then(([code]) => {
      throw new Error(`the server ends with ${String(code)}: ${this.#log}`);
    });
    failed.catch(() => {});
    await Promise.race([ready, failed]);
  }

  async stop(): Promise<void> {
    const child = this.#server;
    this.#server = undefined;
    if (child === undefined || child.exitCode !== null) return;
    const gone = once(child, "exit");
    child.kill("SIGTERM");
    await gone;
  }

  async restart(): Promise<void> {
    await this.stop();
    await this.start();
  }

  /** A file of the server's user. */
  writeOwned(name: string, text: string, mode: number): void {
    writeFileSync(this.file(name), text, { mode });
    chmodSync(this.file(name), mode);
    if (isRoot) chownSync(this.file(name), NOBODY.uid, NOBODY.gid);
  }

  /** Puts a message into the queue. */
  async send(recipient: string): Promise<void> {
    const text = `From: admin@${DOMAIN}\r\nTo: ${recipient}\r\nSubject: waits\r\n\r\nwaits\r\n`;
    const child = this.#spawn(
      ["--config", this.config, "sendmail", "-f", `admin@${DOMAIN}`, recipient],
      false,
      this.#environment,
      "pipe",
    );
    child.stdin?.end(text);
    const { status, stderr } = await ran(child);
    if (status !== 0) throw new Error(`sendmail: ${stderr}`);
  }

  /** Gives the configuration another text for as long as a sabotage lasts. */
  writeConfig(text: string): void {
    writeFileSync(this.config, text);
  }

  get #environment(): NodeJS.ProcessEnv {
    return { ...process.env, NODE_EXTRA_CA_CERTS: this.file("roots.pem"), HOME: this.directory };
  }

  #spawn(
    args: readonly string[],
    asRoot: boolean,
    env: NodeJS.ProcessEnv,
    input: "ignore" | "pipe" = "ignore",
  ): ChildProcess {
    return spawn(...diesWithUs(process.execPath, [LAUNCHER, ...args]), {
      stdio: [input, "pipe", "pipe"],
      env,
      ...(isRoot && !asRoot ? NOBODY : {}),
    });
  }

  /** The authority's directory as it says who it is, and a mail server of somebody else for the preflight. */
  async #around(): Promise<void> {
    const { pebble } = this;
    writeFileSync(this.file("acme-ca.pem"), pebble.ca);
    writeFileSync(this.file("roots.pem"), await pebble.management("/roots/0"));
    const clock = { port: DIRECTORY_PORT, ahead_s: () => this.authorityAhead_s };
    this.#rest.use(await nameAuthority(pebble, AUTHORITY_NAME, clock));
    const stranger = createServer((socket) =>
      socket.on("error", () => {}).end("220 mx.stranger.test ESMTP\r\n"),
    );
    stranger.listen(STRANGER_PORT, STRANGER.four);
    await once(stranger, "listening");
    this.#rest.defer(() => void stranger.close());
  }

  /** What the zones hold, for sabotages to put back. */
  async #readZone(): Promise<void> {
    const flags = ["--address", SERVER.four, "--address", SERVER.six];
    const text = await this.ok(["--config", this.config, "dns", DOMAIN, "--zone-file", ...flags]);
    for (const line of text.split("\n")) {
      const [, name = "", type = "", data = ""] = /^(\S+)\. ([A-Z]+) (.+)$/.exec(line) ?? [];
      const key = `${name} ${type}`;
      if (type !== "") this.records.set(key, [...(this.records.get(key) ?? []), data]);
    }
    this.records.set(`_dmarc.${DOMAIN} TXT`, [DMARC]);
  }

  /** `wachpost setup`, and then what its documents say comes next. */
  async #setUp(): Promise<void> {
    const { zones } = this;
    const flags = [
      ["--yes", "--lang", "en", "--config", this.config, "--data", this.data, "--unit", "none"],
      ["--public-address", SERVER.four, "--public-address", SERVER.six],
      ["--outside", `${STRANGER.four}:${STRANGER_PORT}`, "--dns", "127.0.0.1"],
      [
        "--dns-update",
        `${NAME_SERVERS[0].four}:53`,
        "--tsig",
        `${zones.keyName}:hmac-sha256:${zones.keyFile}`,
      ],
      ["--acme-directory", `https://localhost:${DIRECTORY_PORT}/dir`, "--acme-ca", this.file("acme-ca.pem")],
      ["--trust", this.file("roots.pem")],
      isRoot ? ["--user", "nobody"] : [],
    ].flat();
    const setup = async (...args: readonly string[]): Promise<string> => {
      const { stdout, stderr } = await this.run(["setup", DOMAIN, ...args], { asRoot: true });
      // It waits for the server, which starts afterwards.
      if (!/^✓ Pinned key/m.test(stdout)) throw new Error(`setup: ${stdout}${stderr}`);
      return stdout;
    };
    await setup(...flags);
    await this.#nextSteps();
    // The id of the MTA-STS policy is another by now, and CAA can name the account.
    const second = await setup(...flags);
    if (!/^✓ DNS records/m.test(second)) throw new Error(`setup, again: ${second}`);
  }

  /** docs/setup.md, docs/web.md, docs/backup.md, docs/doctor.md */
  async #nextSteps(): Promise<void> {
    const keys = this.file("keys");
    mkdirSync(keys, { mode: 0o700 });
    mkdirSync(this.file("backups"), { mode: 0o700 });
    if (isRoot) for (const name of [keys, this.file("backups")]) chownSync(name, NOBODY.uid, NOBODY.gid);
    const key = join(keys, "backup.key");
    await this.ok(["backup", "key", key]);
    const doors = ["submission", "imap", "pop3s"].map((name) => `[listeners.${name}]\nenabled = true\n`);
    const more = [
      ...doors,
      '[web]\nmta_sts = "enforce"\n',
      `[backup]\ndirectory = "${this.file("backups")}"\nkey_file = "${key}"\n`,
    ];
    this.writeConfig(`${this.read("wachpost.toml")}\n${more.join("\n")}`);
    await this.ok(["--config", this.config, "backup", this.file("backups")]);
    await this.zones.change(
      [[`_dmarc.${DOMAIN}`, "TXT"]],
      [
        [`_dmarc.${DOMAIN}`, "TXT", DMARC],
        [HOST, "CAA", WIDE],
      ],
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
    await this.#rest.disposeAsync();
    spawnSync("umount", [this.directory]);
    rmSync(this.directory, { recursive: true, force: true });
  }
}

const fail = (): never => {
  throw new Error("the world is not there yet");
};

async function ran(child: ChildProcess): Promise<Ran> {
  let [stdout, stderr] = ["", ""];
  child.stdout?.on("data", (chunk: Buffer) => (stdout += chunk.toString()));
  child.stderr?.on("data", (chunk: Buffer) => (stderr += chunk.toString()));
  const [status] = (await once(child, "close")) as [number | null];
  return { status: status ?? -1, stdout, stderr };
}

export { until };
