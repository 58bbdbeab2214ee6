/** BIND from Debian on loopback: a zone and its reverse zone that take signed updates. `apt-get install bind9` */
import { spawn, spawnSync, type ChildProcess } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseDomain, type Domain } from "../../src/base/domain-name.ts";
import { Secret } from "../../src/base/secret.ts";
import { encodeQuery } from "../../src/dns/message.ts";
import { askUdp } from "../../src/dns/transport.ts";
import { diesWithUs } from "./dies-with-us.ts";
import type { TsigAlgorithm, TsigKey } from "../../src/dns/tsig.ts";

const started = (program: string): boolean => spawnSync(program, ["-V"]).error === undefined;
export const bindMissing: string | false = started("named")
  ? false
  : "BIND is not installed: apt-get install bind9";

export type Bind = {
  readonly port: number;
  readonly key: TsigKey;
  /** As `tsig-keygen` writes it. */
  readonly keyFile: string;
  /** The zone is signed; its key, to be trusted. */
  readonly anchorFile: string;
} & Disposable;

const REVERSE = "0.127.in-addr.arpa";

/** `names`: where the zone says its servers are. */
export async function startBind(
  port: number,
  zone: string,
  algorithm: TsigAlgorithm = "hmac-sha256",
): Promise<Bind> {
  const directory = mkdtempSync(join(tmpdir(), "wachpost-bind-"));
  const file = (name: string): string => join(directory, name);
  const secret = randomBytes(32).toString("base64");
  const keyText = `key "setup-key" {\n\talgorithm ${algorithm};\n\tsecret "${secret}";\n};\n`;
  writeFileSync(file("setup.key"), keyText);
  const zoneText = `$TTL 60\n@ SOA ns.${zone}. root.${zone}. 1 3600 600 86400 60\n@ NS ns.${zone}.\n`;
  writeFileSync(file("forward"), `${zoneText}ns A 127.0.0.1\n@ TXT "somebody-elses=proof"\n`);
  writeFileSync(file("reverse"), zoneText);
  const zoneClause = (name: string, text: string, more: string): string =>
    `zone "${name}" { type primary; file "${file(text)}"; ${more} };\n`;
  const granted = "update-policy { grant setup-key zonesub ANY; };";
  writeFileSync(
    file("named.conf"),
    `${keyText}options { directory "${directory}"; key-directory "${directory}"; recursion no; dnssec-validation no;
  listen-on port ${port} { 127.0.0.1; }; listen-on-v6 { none; };
  pid-file "${file("pid")}"; session-keyfile "${file("session")}"; };
controls { };
${zoneClause(zone, "forward", `${granted} dnssec-policy default;`)}${zoneClause(REVERSE, "reverse", granted)}${zoneClause("frozen.test", "frozen", "")}`,
  );
  writeFileSync(file("frozen"), zoneText);
  const child = spawn(...diesWithUs("named", ["-g", "-c", file("named.conf")]), { stdio: "ignore" });
  await answering(port, zone as Domain, child);
  return {
    port,
    key: { name: parseDomain("setup-key") as Domain, algorithm, secret: new Secret(secret) },
    keyFile: file("setup.key"),
    anchorFile: file(
      readdirSync(directory).find((name) => name.startsWith(`K${zone}.`) && name.endsWith(".key")) ?? "",
    ),
    [Symbol.dispose]() {
      child.kill("SIGKILL");
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

const START_MS = 20_000;
const ANSWER_MS = 500;

/** Until the zone is there and signed: a resolver that asks sooner remembers for a minute that it is bogus. */
async function answering(port: number, zone: Domain, child: ChildProcess): Promise<void> {
  for (const until_ms = Date.now() + START_MS; Date.now() < until_ms && child.exitCode === null;) {
    const query = encodeQuery(1, zone, "SOA");
    const answer = await askUdp({ address: "127.0.0.1", port }, query, () => true, ANSWER_MS);
    // The record and its signature.
    if (answer.kind === "packet" && answer.octets.readUInt16BE(6) >= 2) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  child.kill("SIGKILL");
  throw new Error("named does not answer, or does not sign its zone");
}
