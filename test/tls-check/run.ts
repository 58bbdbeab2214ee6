/**
 * `npm run tls-check`: testssl.sh and sslscan look at a running server, port by port: 25 with STARTTLS, 465, 993 and the
 * web door. Exit 1 on anything of severity MEDIUM or worse that `explained.ts` does not explain, and on any weak suite.
 * `npm run tls-check -- 993` looks at one port only. Minutes, not seconds: testssl.sh makes hundreds of handshakes.
 */
import { readFileSync } from "node:fs";
import { freePort, TestServer } from "../e2e/server.ts";
import { installed, sslscan, testssl, weakIn, type Door, type Finding } from "./scanners.ts";
import { explanationOf } from "./explained.ts";

const HOST = "127.0.0.1";

/** What is wrong on one port, in words. */
async function examine(door: Door, authorityFile: string): Promise<readonly string[]> {
  console.log(`\n${door.title}`);
  const [xml, findings] = await Promise.all([sslscan(door), testssl(door, authorityFile)]);
  const weak = weakIn(xml);
  console.log(`  sslscan: ${weak.protocols.join(", ")}; ${weak.ciphers.length} suites`);
  for (const cipher of weak.ciphers) console.log(`    ${cipher}`);
  const faults = [...weak.faults];
  if (findings.length === 0) faults.push("testssl.sh said nothing");
  const grave = findings.filter(({ severity }) => GRAVE.has(severity));
  console.log(`  testssl.sh: ${findings.length} answers, ${tally(findings)}`);
  for (const finding of grave) {
    const why = explanationOf(finding);
    console.log(`    ${finding.severity} ${finding.id}: ${finding.finding}${why ? `\n      ${why}` : ""}`);
    if (why === undefined) faults.push(`testssl.sh: ${finding.severity} ${finding.id}: ${finding.finding}`);
  }
  for (const fault of faults) console.log(`  FAULT ${fault}`);
  return faults.map((fault) => `${door.title}: ${fault}`);
}

/** WARN: the scanner could not look, which is no answer. */
const GRAVE: ReadonlySet<string> = new Set(["WARN", "MEDIUM", "HIGH", "CRITICAL", "FATAL"]);

function tally(findings: readonly Finding[]): string {
  const counts = new Map<string, number>();
  for (const { severity } of findings) counts.set(severity, (counts.get(severity) ?? 0) + 1);
  return [...counts].map(([severity, count]) => `${count} ${severity}`).join(", ");
}

const missing = ["testssl", "sslscan"].filter((program) => !installed(program));
if (missing.length > 0) {
  console.log(`SKIPPED: not installed: ${missing.join(", ")} (apt-get install testssl.sh sslscan)`);
  process.exit();
}
const web = await freePort(HOST);
await using server = await TestServer.start({
  toml: ["[listeners.web]", "enabled = true", `addresses = ["${HOST}"]`, `port = ${web}`].join("\n"),
});
const at = (port: number, title: string, starttls?: "smtp"): Door => ({
  title,
  name: `mail.${server.domain}`,
  address: HOST,
  port,
  ...(starttls === undefined ? {} : { starttls }),
});
const doors = [
  at(server.ports.smtp, "port 25 (STARTTLS)", "smtp"),
  at(server.ports.submissions, "port 465 (submissions)"),
  at(server.ports.imaps, "port 993 (imaps)"),
  at(web, "port 443 (web)"),
].filter(({ title }) => process.argv[2] === undefined || title.includes(process.argv[2]));
const faults: string[] = [];
for (const door of doors) faults.push(...(await examine(door, server.authorityFile)));
const outcome = faults.length === 0 ? "nothing unexplained" : `${faults.length} faults`;
console.log(`\n${readFileSync("/etc/debian_version", "utf8").trim()}: ${doors.length} ports, ${outcome}`);
for (const fault of faults) console.log(`- ${fault}`);
process.exitCode = faults.length === 0 ? 0 : 1;
