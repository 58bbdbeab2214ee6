/** The DNS of the world: BIND has every zone, on the port and the addresses of real ones; Unbound checks signatures. */
import { spawn, type ChildProcess } from "node:child_process";
import { diesWithUs } from "../../setup/dies-with-us.ts";
import { randomBytes } from "node:crypto";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { once } from "node:events";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Domain } from "../../../src/base/domain-name.ts";
import { systemClock } from "../../../src/base/clock.ts";
import { Secret } from "../../../src/base/secret.ts";
import { dnsClient } from "../../../src/dns/client.ts";
import { encodeQuery } from "../../../src/dns/message.ts";
import type { RecordType } from "../../../src/dns/answer.ts";
import { askUdp } from "../../../src/dns/transport.ts";
import { dynamicZones } from "../../../src/dns/update-client.ts";
import { ELSEWHERE, NAME_SERVERS } from "./network.ts";

export const DOMAIN = "example.test";
export const HOST = `mail.${DOMAIN}`;
/** Asked by the server whether its resolver validates: `org` is signed, the other wrongly. */
const SIGNED = [DOMAIN, "org", "dnssec-failed.org"];
const LISTS = [
  "zen.spamhaus.org",
  "bl.spamcop.net",
  "psbl.surriel.com",
  "bl.mailspike.net",
  "dbl.spamhaus.org",
  "multi.surbl.org",
];
const REVERSE = ["93.in-addr.arpa", "a.2.ip6.arpa"];
const OTHERS = ["example.net"];
const START_MS = 30_000;
const ANSWER_MS = 1_000;

/** One line of a zone, `NAME TYPE DATA`; without data all records of the name and type. */
export type Line = readonly [name: string, type: RecordType, data?: string];

/** How the resolver is: as it should be where nothing is said. */
export type ResolverKind = {
  readonly validates?: boolean;
  /** Zones whose keys it does not know, so that to it they are unsigned. */
  readonly distrusted?: readonly string[];
  readonly port?: number;
};

const soa =
  "$TTL 60\n@ SOA ns1.example.net. root.example.net. 1 3600 600 86400 60\n@ NS ns1.example.net.\n@ NS ns2.example.net.\n";
const nameServers =
  NAME_SERVERS.map(({ four, six }, i) => `ns${i + 1} A ${four}\nns${i + 1} AAAA ${six}\n`).join("") +
  `stuck A ${ELSEWHERE.four}\n`;
/** What every list has to list (RFC 5782 §5), and Spamhaus and SURBL for domains. */
const testPoints = "2.0.0.127 A 127.0.0.2\ndbltest.com A 127.0.1.2\ntest.surbl.org A 127.0.0.8\n";

export class Zones implements AsyncDisposable {
  readonly directory = mkdtempSync(join(tmpdir(), "wachpost-zones-"));
  readonly #secret = randomBytes(32).toString("base64");
  readonly #children = new Set<ChildProcess>();
  #unbound: ChildProcess | undefined;
  #kind: ResolverKind = {};

  static async start(): Promise<Zones> {
    const zones = new Zones();
    zones.#writeBind();
    zones.#spawn("named", ["-g", "-n", "1", "-c", zones.file("named.conf")]);
    await zones.#signed();
    await zones.resolve();
    return zones;
  }

  file = (name: string): string => join(this.directory, name);
  readonly keyName = "setup-key";
  get keyFile(): string {
    return this.file("setup.key");
  }

  /** Changes the zones as their owner would; what is asked next is answered accordingly. */
  async change(remove: readonly Line[], add: readonly Line[]): Promise<void> {
    const [{ four: address }] = NAME_SERVERS;
    const key = {
      name: this.keyName as Domain,
      algorithm: "hmac-sha256",
      secret: new Secret(this.#secret),
    } as const;
    const zones = dynamicZones({ server: { address, port: 53 }, key }, systemClock);
    const changed = await zones.change([
      ...remove.map(([name, type, data]) =>
        data === undefined
          ? ({ kind: "clear", name: name as Domain, type, ttl_s: 0, data: "" } as const)
          : ({ kind: "remove", name: name as Domain, type, ttl_s: 0, data } as const),
      ),
      ...add.map(
        ([name, type, data = ""]) => ({ kind: "add", name: name as Domain, type, ttl_s: 60, data }) as const,
      ),
    ]);
    if (!changed.ok) throw new Error(`${changed.error.kind}: ${changed.error.detail}`);
    await this.resolve(this.#kind);
  }

  /** Starts the resolver anew, with nothing in its memory. */
  async resolve(kind: ResolverKind = {}): Promise<void> {
    await this.stopResolver();
    this.#kind = kind;
    writeFileSync(this.file("unbound.conf"), this.#unboundText(kind));
    this.#unbound = this.#spawn("unbound", ["-d", "-c", this.file("unbound.conf")]);
    const dns = dnsClient([{ address: "127.0.0.1", port: kind.port ?? 53 }]);
    await until(
      async () => (await dns.query(DOMAIN as Domain, "SOA")).kind === "records",
      "unbound does not answer",
    );
  }

  async stopResolver(): Promise<void> {
    if (this.#unbound !== undefined) await this.#end(this.#unbound);
    this.#unbound = undefined;
  }

  #spawn(program: string, args: readonly string[]): ChildProcess {
    const child = spawn(...diesWithUs(program, args), { stdio: "ignore" });
    this.#children.add(child);
    return child;
  }

  async #end(child: ChildProcess): Promise<void> {
    this.#children.delete(child);
    if (child.exitCode !== null || child.signalCode !== null) return;
    const gone = once(child, "exit");
    child.kill("SIGKILL");
    await gone;
  }

  #writeBind(): void {
    const key = `key "${this.keyName}" {\n\talgorithm hmac-sha256;\n\tsecret "${this.#secret}";\n};\n`;
    writeFileSync(this.keyFile, key);
    const zone = (name: string): string => {
      const text = LISTS.includes(name) ? testPoints : name === "example.net" ? nameServers : "";
      writeFileSync(this.file(`zone.${name}`), soa + text);
      const policy = SIGNED.includes(name) ? "dnssec-policy default;" : "";
      return `zone "${name}" { type primary; file "${this.file(`zone.${name}`)}"; update-policy { grant ${this.keyName} zonesub ANY; }; ${policy} };\n`;
    };
    const listen = NAME_SERVERS.map(({ four }) => `${four};`).join(" ");
    const listen6 = NAME_SERVERS.map(({ six }) => `${six};`).join(" ");
    writeFileSync(
      this.file("named.conf"),
      `${key}options { directory "${this.directory}"; key-directory "${this.directory}"; recursion no; dnssec-validation no; notify no;
  check-integrity no; check-mx ignore; check-mx-cname ignore; check-srv-cname ignore;
  listen-on { ${listen} }; listen-on-v6 { ${listen6} };
  pid-file "${this.file("pid")}"; session-keyfile "${this.file("session")}"; };
controls { };
${[...SIGNED, ...LISTS, ...REVERSE, ...OTHERS].map(zone).join("")}`,
    );
  }

  /** A resolver that asks sooner would find the zones bogus. */
  async #signed(): Promise<void> {
    const [{ four: address }] = NAME_SERVERS;
    await until(async () => {
      for (const zone of SIGNED) {
        const query = encodeQuery(1, zone as Domain, "SOA");
        const answer = await askUdp({ address, port: 53 }, query, () => true, ANSWER_MS);
        // The record and its signature.
        if (answer.kind !== "packet" || answer.octets.readUInt16BE(6) < 2) return false;
      }
      return true;
    }, "named does not answer, or does not sign");
  }

  /** The key of a zone as an anchor; that of the wrongly signed one is the key of another. */
  #anchor(zone: string): string {
    const from = zone === "dnssec-failed.org" ? "org" : zone;
    const name = readdirSync(this.directory).find(
      (one) => one.startsWith(`K${from}.+`) && one.endsWith(".key"),
    );
    const text = readFileSync(this.file(name ?? ""), "utf8")
      .replaceAll(/^;.*\n/gm, "")
      .replace(/^\S+/, `${zone}.`);
    writeFileSync(this.file(`anchor.${zone}`), text);
    return this.file(`anchor.${zone}`);
  }

  #unboundText({ distrusted = [], validates = true, port = 53 }: ResolverKind): string {
    const [{ four: address }] = NAME_SERVERS;
    const anchors = SIGNED.filter((zone) => !distrusted.includes(zone));
    const zones = [...SIGNED, ...LISTS, ...REVERSE, ...OTHERS];
    // The zone `org` has no delegations: what denies any one name of it would deny the zones below it as well (RFC 8198).
    return `server:
  directory: "${this.directory}"
  username: ""
  chroot: ""
  pidfile: ""
  use-syslog: no
  logfile: ""
  interface: 127.0.0.1@${port}
  module-config: "${validates ? "validator iterator" : "iterator"}"
  local-zone: "." static
  aggressive-nsec: no
${zones.map((name) => `  local-zone: "${name}." transparent\n`).join("")}${LISTS.map((name) => `  domain-insecure: "${name}"\n`).join("")}${
      validates ? anchors.map((zone) => `  trust-anchor-file: "${this.#anchor(zone)}"\n`).join("") : ""
    }remote-control:
  control-enable: no
${zones.map((name) => `stub-zone:\n  name: "${name}"\n  stub-addr: ${address}\n`).join("")}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const child of this.#children) await this.#end(child);
    rmSync(this.directory, { recursive: true, force: true });
  }
}

/** Asks again until it is so. */
export async function until(isSo: () => Promise<boolean>, complaint: string): Promise<void> {
  for (const end_ms = Date.now() + START_MS; Date.now() < end_ms;) {
    if (await isSo()) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(complaint);
}
