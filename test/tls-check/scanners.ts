/** testssl.sh and sslscan as Debian has them, and what they say brought into one form. */
import { spawn, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { resumesByTicket } from "./resumption.ts";

export type Door = {
  readonly title: string;
  /** The name in the certificate; nobody asks a DNS for it. */
  readonly name: string;
  readonly address: string;
  readonly port: number;
  readonly starttls?: "smtp";
};

export type Finding = { readonly id: string; readonly severity: string; readonly finding: string };

export const installed = (program: string): boolean => spawnSync("which", [program]).status === 0;

function run(program: string, args: readonly string[], deadline_ms: number): Promise<string> {
  return new Promise((resolve) => {
    // A group of its own: testssl.sh starts many openssl, which end with it.
    const child = spawn(program, args, { stdio: ["ignore", "pipe", "ignore"], detached: true });
    let text = "";
    child.stdout.on("data", (chunk: Buffer) => void (text += chunk.toString("latin1")));
    const timer = setTimeout(
      () => child.pid !== undefined && process.kill(-child.pid, "SIGKILL"),
      deadline_ms,
    );
    child.on("error", () => resolve(""));
    child.on("close", () => {
      clearTimeout(timer);
      resolve(text);
    });
  });
}

const SSLSCAN_MS = 120_000;
const TESTSSL_MS = 900_000;

/** Its XML. */
export function sslscan({ name, address, port, starttls }: Door): Promise<string> {
  const how = starttls === undefined ? [] : [`--starttls-${starttls}`];
  return run(
    "sslscan",
    ["--no-colour", ...how, `--sni-name=${name}`, "--xml=-", `${address}:${port}`],
    SSLSCAN_MS,
  );
}

/** Protocols, suites, forward secrecy, server defaults, vulnerabilities; the web door's headers too. */
export async function testssl(door: Door, authorityFile: string): Promise<readonly Finding[]> {
  const checks = ["-p", "-s", "-f", "-P", "-S", "-U", ...(door.title.includes("web") ? ["-h"] : [])];
  const found = await testsslFor(door, authorityFile, checks);
  const unseen = found.filter(couldNotLook);
  // What it did not get to on a busy machine it is asked again.
  const again = unseen.length === 0 ? [] : await testsslFor(door, authorityFile, ["-S"]);
  const all = found.map((one) => (couldNotLook(one) && again.find(({ id }) => id === one.id)) || one);
  const untold = all.find((one) => couldNotLook(one) && one.id === "sessionresumption_ticket");
  if (untold === undefined || !(await resumesByTicket(door))) return all;
  return all.map((one) =>
    one === untold ? { ...one, severity: "INFO", finding: "resumed by openssl" } : one,
  );
}

const couldNotLook = ({ severity, finding }: Finding): boolean =>
  severity === "WARN" && finding.includes("connect problem");

async function testsslFor(
  door: Door,
  authorityFile: string,
  checks: readonly string[],
): Promise<readonly Finding[]> {
  const directory = mkdtempSync(join(tmpdir(), "tls-check-"));
  const file = join(directory, "testssl.json");
  const how = door.starttls === undefined ? [] : ["--starttls", door.starttls];
  const quiet = ["--quiet", "--color", "0", "--warnings", "off", "--nodns", "none", "--ip", door.address];
  const args = [...quiet, "--add-ca", authorityFile, "--jsonfile", file, ...how, ...checks];
  try {
    await run("testssl", [...args, `${door.name}:${door.port}`], TESTSSL_MS);
    return JSON.parse(readFileSync(file, "utf8")) as readonly Finding[];
  } catch {
    return [];
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

export type Scanned = {
  readonly protocols: readonly string[];
  readonly ciphers: readonly string[];
  readonly faults: readonly string[];
};

const ATTRIBUTE = /([a-zA-Z]+)="([^"]*)"/g;
const elements = (xml: string, name: string): readonly Readonly<Record<string, string>>[] =>
  [...xml.matchAll(new RegExp(`<${name} [^>]*>`, "g"))].map(([element]) =>
    Object.fromEntries([...element.matchAll(ATTRIBUTE)].map(([, key, value]) => [key, value])),
  );

/** Forward secrecy and AEAD, nothing else. */
const GOOD_SUITE = /^(?:TLS_(?:AES|CHACHA20)_|ECDHE-(?:ECDSA|RSA)-(?:AES(?:128|256)-GCM|CHACHA20))/;
const GOOD_GROUP = /^(?:x25519|secp256r1 .*|secp384r1 .*|P-256|P-384)$/i;

/** What sslscan found, and what of it should not be there. */
export function weakIn(xml: string): Scanned {
  const versions = elements(xml, "protocol").filter(({ enabled }) => enabled === "1");
  const protocols = versions.map(({ type = "", version = "" }) => `${type.toUpperCase()} ${version}`);
  const ciphers = elements(xml, "cipher").map(({ sslversion, cipher }) => `${sslversion} ${cipher}`);
  const faults = [
    ...(protocols.length === 0 ? ["sslscan found no protocol at all"] : []),
    ...protocols
      .filter((one) => one !== "TLS 1.2" && one !== "TLS 1.3")
      .map((one) => `sslscan: ${one} is on`),
    ...ciphers
      .filter((one) => !GOOD_SUITE.test(one.split(" ")[1] ?? ""))
      .map((one) => `sslscan: weak suite ${one}`),
    ...elements(xml, "group")
      .filter(({ name = "" }) => !GOOD_GROUP.test(name))
      .map(({ name }) => `sslscan: weak group ${name}`),
    ...elements(xml, "compression")
      .filter(({ supported }) => supported === "1")
      .map(() => "sslscan: TLS compression is on"),
    ...elements(xml, "renegotiation")
      .filter(({ supported, secure }) => supported === "1" && secure !== "1")
      .map(() => "sslscan: renegotiation is not secured"),
    ...elements(xml, "heartbleed")
      .filter(({ vulnerable }) => vulnerable === "1")
      .map(() => "sslscan: Heartbleed"),
  ];
  return { protocols, ciphers, faults };
}
