/** The doctor and `wachpost dns` on the real server: green but for what a world on loopback cannot have. */
import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { test } from "node:test";
import { examine } from "../../src/doctor/examine.ts";
import { hostPlan } from "../../src/doctor/targets.ts";
import type { DoctorReport } from "../../src/doctor/report-json.ts";
import { run } from "../e2e/programs.ts";
import { freePort, TestServer } from "../e2e/server.ts";
import { startDnsServer } from "../simulate/dns-server.ts";
import { startWorld } from "./world.ts";

const PROGRAM = fileURLToPath(new URL("command-line.ts", import.meta.url));
const DOMAIN = "example.test";
const MORE = [
  "org NS ns.example.net",
  "dnssec-failed.org SERVFAIL",
  `${DOMAIN} NS ns1.test`,
  `${DOMAIN} NS ns2.test`,
  "ns1.test AAAA ::1",
  "ns2.test AAAA ::1",
  "ns1.test A 127.0.0.1",
  "2.0.0.127.zen.spamhaus.org A 127.0.0.2",
  "2.0.0.127.bl.spamcop.net A 127.0.0.2",
  "2.0.0.127.psbl.surriel.com A 127.0.0.2",
  "2.0.0.127.bl.mailspike.net A 127.0.0.2",
  "dbltest.com.dbl.spamhaus.org A 127.0.1.2",
  "test.surbl.org.multi.surbl.org A 127.0.0.8",
];

/** What a test world cannot have, and what a new domain does not have yet. */
const NOT_GREEN = [
  // 127.0.0.1 and ::1 are on no Internet.
  "mx-public fail mx-not-public",
  "mx-reach unknown not-looked",
  "mx-ipv6-reach unknown not-looked",
  // Nobody serves DNS on port 53 here, and policy hosts on loopback are not asked.
  "ns-answers unknown ns-silent",
  "ns-agree unknown not-looked",
  "dnssec-expiry unknown not-looked",
  "ns-ipv6-reach unknown ns-no-ipv6-here",
  "mta-sts-policy fail sts-unreachable",
  // No public authority signs for .test.
  "cert-trust warn cert-own-authority",
  // The zone is written before the certificate is known; then its partner says nothing either.
  "dane-exists warn dane-missing",
  "dane-matches unknown not-looked",
  "dane-rollover unknown not-looked",
  // A domain begins with p=none.
  "dmarc-policy warn dmarc-none",
  // Nobody named a backup, and a container has no time service.
  "backup-age unknown backup-unknown",
  "clock unknown clock-unknown",
];

/** Lines of a zone file as the DNS double reads them. */
const asZone = (lines: string): string =>
  lines
    .split("\n")
    .map((line) =>
      line
        .replace(/^; /, "")
        .replaceAll('" "', "")
        .replace(/TXT "(.*)"$/, "TXT $1")
        .replace(/issue "(.*)"$/, "issue $1"),
    )
    .filter((line) => line !== "")
    .join("\n");

const WEB = await freePort("127.0.0.1");
test("our own server, with the records wachpost dns names: all green but what is listed", async () => {
  const dns = await startDnsServer({ zone: "", authenticated: true });
  const server = await TestServer.start({
    domain: DOMAIN,
    toml: `[listeners.web]\nenabled = true\naddresses = ["127.0.0.1"]\nport = ${WEB}\n[dns]\nservers = ["127.0.0.1:${dns.port}"]`,
  });
  const call = (...args: string[]) => run(process.execPath, [PROGRAM, "--config", server.config, ...args]);
  const addresses = ["--address", "127.0.0.1", "--address", "::1"];
  try {
    const empty = await call("dns", DOMAIN, ...addresses);
    assert.equal(empty.status, 1, empty.stderr);
    assert.match(empty.stdout, /example\.test\. MX 10 mail\.example\.test\.\n +missing/);

    const lines = (await call("dns", DOMAIN, "--zone-file", ...addresses)).stdout;
    const zone = `${asZone(lines)}\n${MORE.join("\n")}`;
    dns.setZone(zone);
    const full = await call("--json", "dns", DOMAIN, ...addresses);
    assert.equal(full.status, 0, full.stdout + full.stderr);

    const examined = await call("--json", "doctor");
    assert.equal(examined.status, 2, examined.stderr);
    const { findings } = JSON.parse(examined.stdout) as DoctorReport;
    const bad = findings.flatMap(({ check, grade, note }) =>
      grade === "ok" ? [] : [`${check} ${grade} ${note}`],
    );
    const expected = new Set(NOT_GREEN);
    // Where the machine's clock follows a server, that one is green.
    if (!bad.some((one) => one.startsWith("clock "))) expected.delete("clock unknown clock-unknown");
    assert.deepEqual([...new Set(bad)].sort(), [...expected].sort());
    // The console's name is looked at closely, those of the domain by their certificates.
    const web = findings.filter(({ subject, grade }) => subject.endsWith(`:${WEB}`) && grade === "ok");
    const about = (id: string): string[] =>
      web.flatMap(({ check, subject }) => (check === id ? [subject.split(".")[0] ?? ""] : []));
    assert.deepEqual(about("cert-name"), ["mail", "mta-sts", "autoconfig", "autodiscover"]);
    assert.deepEqual(about("early-data"), ["mail", "mta-sts", "autoconfig", "autodiscover"]);
    assert.deepEqual(about("tls-1-1"), ["mail"]);

    // By a name of this machine: no DNS has it, so nothing of the DNS is asked for, and one visit shows it.
    const world = await startWorld("");
    const local = await hostPlan(`localhost:${server.ports.smtp}`, [], world.net);
    assert.ok(local.ok, JSON.stringify(local));
    assert.deepEqual(local.value.addresses, []);
    const visited = await examine({ ...local.value, light: true }, world.net);
    world.close();
    assert.deepEqual(
      visited.flatMap(({ check, grade }) => (grade === "ok" ? [] : [`${check} ${grade}`])),
      ["cert-trust warn"],
    );
    assert.equal(visited[0]?.subject, `localhost:${server.ports.smtp}`);

    dns.setZone(
      zone.replace("v=spf1 mx -all", "v=spf1 ip4:192.0.2.1 -all").replace(" MX 10 mail.", " MX 10 mx."),
    );
    const changed = await call("dns", DOMAIN, "--lang", "de", ...addresses);
    assert.equal(changed.status, 1);
    assert.equal(changed.stdout.match(/anders, da ist/g)?.length ?? 0, 2);
  } finally {
    await server[Symbol.asyncDispose]();
    dns.close();
  }
});
