/** `npm run doctor-compare`: the doctor beside testssl.sh, sslscan, nmap and swaks on the same servers; writes docs/doctor-compare.md. */
import { spawnSync, type ChildProcess } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { systemClock } from "../../src/base/clock.ts";
import type { Domain } from "../../src/base/domain-name.ts";
import { dnsClient } from "../../src/dns/client.ts";
import { examine } from "../../src/doctor/examine.ts";
import { netOver } from "../../src/doctor/net.ts";
import { peerPrefix, type Prefix } from "../bench/peer-packages.ts";
import { addressOf, answers, DOMAIN, HOST, logOf, PACKAGES, PEERS, type Peer } from "./peers.ts";
import { fromDoctor, nmap, QUESTIONS, sslscan, swaks, testssl, type Seen, type Verdict } from "./testers.ts";

const DOC = fileURLToPath(new URL("../../docs/doctor-compare.md", import.meta.url));
const TESTERS = ["doctor", "testssl.sh", "sslscan", "nmap", "swaks"] as const;
const DEBIAN = ["testssl.sh", "sslscan", "nmap", "swaks"];

type Result = { readonly peer: Peer; readonly seen: readonly Seen[] };

async function examinePeer(peer: Peer): Promise<readonly Seen[]> {
  // Nothing is asked of a DNS here but TLSA, and there is none.
  const net = netOver(dnsClient([]), systemClock, "tester.example.com");
  const host = {
    name: HOST as Domain,
    address: addressOf(peer),
    port: peer.port,
    service: peer.service,
    domains: [DOMAIN as Domain],
    ours: true,
  };
  const findings = await examine({ domains: [], addresses: [], hosts: [host], leftOut: [] }, net);
  const at = [host.address, host.port] as const;
  return [
    fromDoctor(findings),
    await testssl(...at, peer.service),
    await sslscan(...at, peer.service),
    await nmap(...at, DOMAIN),
    await swaks(...at, peer.service),
  ];
}

async function lookAt(peer: Peer, prefix: Prefix): Promise<Result | undefined> {
  const directory = mkdtempSync(join(tmpdir(), "doctor-compare-"));
  const process_: ChildProcess = peer.start(prefix, directory);
  try {
    if (!(await answers(peer))) {
      console.log(`${peer.name} does not start: ${logOf(directory)}`);
      return undefined;
    }
    console.log(`${peer.name} …`);
    return { peer, seen: await examinePeer(peer) };
  } finally {
    process_.kill("SIGTERM");
    await new Promise((resolve) => setTimeout(resolve, 500));
    rmSync(directory, { recursive: true, force: true });
  }
}

function tableOf({ peer, seen }: Result): string {
  const row = (cells: readonly string[]): string => `| ${cells.join(" | ")} |`;
  const rows = QUESTIONS.flatMap(({ title }) => {
    const verdicts = seen.map((one): Verdict => one.get(title) ?? "-");
    // What nobody looks at on such a port is no row.
    return verdicts.every((one) => one === "-") ? [] : [row([title, ...verdicts.map(marked)])];
  });
  const settings = peer.settings === "" ? "" : `\n\`\`\`\n${peer.settings}\n\`\`\`\n`;
  return `### ${peer.name}\n${settings}\n${[row(["", ...TESTERS]), row(TESTERS.map(() => "---").concat("---")), ...rows].join("\n")}\n`;
}

const marked = (verdict: Verdict): string => (verdict === "bad" ? "**bad**" : verdict);

/** Questions on which the doctor and another tester disagree, for the summary. */
function disagreements(results: readonly Result[]): readonly string[] {
  return results.flatMap(({ peer, seen: [doctor, ...others] }) =>
    QUESTIONS.flatMap(({ title }) => {
      const ours = doctor?.get(title);
      return others.flatMap((other, i) => {
        const theirs = other.get(title);
        const both = [ours, theirs];
        return both.includes("bad") && both.includes("ok")
          ? [`${peer.name}, ${title}: doctor ${ours}, ${TESTERS[i + 1]} ${theirs}`]
          : [];
      });
    }),
  );
}

function summary(results: readonly Result[]): string {
  const found = TESTERS.map((_, i) =>
    results.reduce(
      (sum, { seen }) => sum + [...(seen[i]?.values() ?? [])].filter((one) => one === "bad").length,
      0,
    ),
  );
  const head = `| tester | findings |\n|---|---|\n${TESTERS.map((name, i) => `| ${name} | ${found[i]} |`).join("\n")}`;
  const list = disagreements(results).map((one) => `- ${one}`);
  return `${head}\n\nWhere they disagree:\n\n${list.length === 0 ? "- nowhere" : list.join("\n")}`;
}

/** A slow machine looks at them in parts: what was seen of each is kept for a day, and the page is written when all are there. */
const KEPT = join(tmpdir(), "wachpost-doctor-compare");
const KEPT_MS = 24 * 3_600_000;
const fileOf = ({ name }: Peer): string => join(KEPT, `${name.replace(/[^a-z0-9]+/gi, "-")}.json`);
const keep = ({ peer, seen }: Result): void =>
  writeFileSync(fileOf(peer), JSON.stringify(seen.map((one) => [...one])));

function kept(peer: Peer): Result | undefined {
  const file = fileOf(peer);
  if (!existsSync(file) || statSync(file).mtimeMs < Date.now() - KEPT_MS) return undefined;
  const seen = JSON.parse(readFileSync(file, "utf8")) as [string, Verdict][][];
  return { peer, seen: seen.map((one) => new Map(one)) };
}

function writePage(results: readonly Result[]): void {
  const [head = ""] = readFileSync(DOC, "utf8").split("<!-- results -->");
  const versions = spawnSync("dpkg-query", ["-W", "-f", "${Package} ${Version}, ", ...DEBIAN], {
    encoding: "utf8",
  });
  const text = [summary(results), ...results.map(tableOf)].join("\n\n");
  const page = `${head}<!-- results -->\n\nVersions: ${versions.stdout.replace(/, $/, "")}.\n\n${text}`;
  writeFileSync(DOC, page);
  rmSync(KEPT, { recursive: true });
}

const missing = DEBIAN.filter((name) => spawnSync("dpkg", ["-s", name]).status !== 0);
const prefix = peerPrefix(PACKAGES, "wachpost-doctor-peers");
if (missing.length > 0) console.log(`not installed: ${missing.join(" ")} (apt-get install them)`);
else if (typeof prefix === "string") console.log(prefix);
else {
  const only = process.argv[2];
  mkdirSync(KEPT, { recursive: true });
  for (const peer of PEERS.filter(({ name }) => only === undefined || name.includes(only))) {
    const result = await lookAt(peer, prefix);
    if (result !== undefined) keep(result);
  }
  const results = PEERS.flatMap((peer) => kept(peer) ?? []);
  const waiting = PEERS.filter((peer) => !results.some((one) => one.peer === peer)).map(({ name }) => name);
  if (waiting.length > 0) console.log(`not looked at yet: ${waiting.join("; ")}`);
  else writePage(results);
}
process.exit();
