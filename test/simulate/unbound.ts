/** Debian's unbound as a validating (or blind) resolver of two small signed zones on loopback, one of them broken; `world.test` is out of its reach. */
import { spawn, spawnSync, type ChildProcess } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePort } from "../e2e/server.ts";

const UNBOUND = "/usr/sbin/unbound";
const SIGN = "/usr/bin/ldns-signzone";
const START_MS = 10_000;

/** What is missing here, to be told by the test that skips. */
export const unboundMissing = (): string | false =>
  existsSync(UNBOUND) && existsSync(SIGN) ? false : "unbound and ldnsutils (Debian) are not both installed";

export class Unbound implements Disposable {
  readonly port: number;
  readonly #child: ChildProcess;
  readonly #directory: string;

  private constructor(port: number, child: ChildProcess, directory: string) {
    this.port = port;
    this.#child = child;
    this.#directory = directory;
  }

  /** `validates`: it knows the keys of the zones `signed.test` and `bogus.test` and checks by them. */
  static async start({ validates }: { readonly validates: boolean }): Promise<Unbound> {
    const directory = mkdtempSync(join(tmpdir(), "wachpost-unbound-"));
    const port = await freePort("127.0.0.1");
    const anchors = ["signed.test", "bogus.test"].map((zone) => makeZone(directory, zone));
    const file = join(directory, "unbound.conf");
    writeFileSync(file, configText(directory, port, validates ? anchors : []));
    const child = spawn(UNBOUND, ["-d", "-c", file], { stdio: ["ignore", "ignore", "pipe"] });
    let said = "";
    child.stderr?.on("data", (chunk: Buffer) => (said += chunk.toString()));
    for (const end_ms = Date.now() + START_MS; !said.includes("start of service");) {
      if (Date.now() > end_ms || child.exitCode !== null) throw new Error(`unbound does not start: ${said}`);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    return new Unbound(port, child, directory);
  }

  [Symbol.dispose](): void {
    this.#child.kill("SIGTERM");
    rmSync(this.#directory, { recursive: true, force: true });
  }
}

/** A signed zone file; returns the file of its key. What is called bogus is changed after it was signed. */
function makeZone(directory: string, zone: string): string {
  const run = (program: string, ...args: string[]): string => {
    const { status, stdout, stderr } = spawnSync(program, args, { cwd: directory, encoding: "utf8" });
    if (status !== 0) throw new Error(`${program}: ${stderr}`);
    return stdout.trim();
  };
  const key = run("/usr/bin/ldns-keygen", "-k", "-a", "ECDSAP256SHA256", zone);
  const text = [
    `$ORIGIN ${zone}.`,
    "$TTL 60",
    "@ SOA ns hostmaster 1 3600 600 86400 60",
    "@ NS ns",
    "@ A 192.0.2.1",
    "ns A 192.0.2.2",
    "",
  ];
  const file = `${zone}.zone`;
  writeFileSync(join(directory, file), text.join("\n"));
  run(SIGN, file, key);
  const signed = join(directory, `${file}.signed`);
  if (zone.startsWith("bogus"))
    writeFileSync(signed, readFileSync(signed, "utf8").replaceAll("192.0.2.1", "192.0.2.66"));
  return `${key}.key`;
}

const configText = (directory: string, port: number, anchors: readonly string[]): string =>
  `server:
  directory: "${directory}"
  chroot: ""
  username: ""
  pidfile: ""
  use-syslog: no
  logfile: ""
  verbosity: 1
  interface: 127.0.0.1
  port: ${port}
  do-ip6: no
  local-zone: "test." nodefault
  module-config: "${anchors.length > 0 ? "validator iterator" : "iterator"}"
${anchors.map((file) => `  trust-anchor-file: "${file}"\n`).join("")}
remote-control:
  control-enable: no
${["signed.test", "bogus.test"]
  .map(
    (zone) => `auth-zone:
  name: "${zone}"
  zonefile: "${zone}.zone.signed"
  for-upstream: yes
  for-downstream: no
  fallback-enabled: no
`,
  )
  .join("")}
# The world is not to be reached: nobody has this zone.
auth-zone:
  name: "world.test"
  for-upstream: yes
  for-downstream: no
  fallback-enabled: no
`;
