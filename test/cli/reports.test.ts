import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { test } from "node:test";
import { run } from "../e2e/programs.ts";
import { startDnsServer } from "../simulate/dns-server.ts";

const ROOT = join(dirname(fileURLToPath(import.meta.url)), "../..");
const CORPUS = join(ROOT, "test/corpora/reports");
const files = (folder: string): string[] =>
  readdirSync(join(CORPUS, folder)).map((name) => join(CORPUS, folder, name));

test("reports: files and mails of every kind are read, a report that comes twice counts once", async () => {
  const again = files("dmarc");
  const { stdout, status, stderr } = await run(process.execPath, [
    join(ROOT, "bin/wachpost.js"),
    "reports",
    "--json",
    ...again,
    ...again,
    ...files("tlsrpt"),
    ...files("arf"),
    ...files("arf"),
  ]);
  assert.equal(status, 0, stderr);
  const result = JSON.parse(stdout) as {
    reports: number;
    unreadable: number;
    domains: { domain: string; messages: number; passed: number }[];
    complaints: { type: string }[];
    tls: { policies: { successes: number; failures: number }[] }[];
  };
  assert.equal(result.reports, 9);
  assert.equal(result.unreadable, 0);
  assert.deepEqual(
    result.complaints.map(({ type }) => type),
    ["abuse", "abuse", "auth-failure", "auth-failure", "auth-failure"],
  );
  const own = result.domains.find(({ domain }) => domain === "example.com");
  assert.deepEqual([own?.messages, own?.passed], [124, 124]);
  assert.deepEqual(
    result.tls.flatMap(({ policies }) => policies.map(({ failures }) => failures)).toSorted((a, b) => a - b),
    [0, 1, 303],
  );
});

test("reports in files: a mail this server doubted stays doubted, size is bounded, what is by hand is called so", async () => {
  const directory = mkdtempSync(join(tmpdir(), "wachpost-reports-"));
  const config = join(directory, "wachpost.toml");
  writeFileSync(config, `hostname = "mail.a.test"\ndata = "${join(directory, "data")}"\n`);
  const xml = readFileSync(files("dmarc").find((file) => file.endsWith(".xml")) ?? "", "utf8");
  const named = (name: string, text: string): string => {
    writeFileSync(join(directory, name), text);
    return join(directory, name);
  };
  const mail = (result: string) =>
    `Authentication-Results: mail.a.test; dmarc=${result} header.from=evil.test\r\nReceived: from x by mail.a.test; Tue, 24 Nov 2026 10:00:00 +0000\r\nFrom: <x@evil.test>\r\nSubject: Report Domain: x\r\nMIME-Version: 1.0\r\nContent-Type: application/xml\r\n\r\n${xml}`;
  const sender = /<email>[^@]*@([^<]*)/.exec(xml)?.[1] ?? "";
  const large = named("large.xml", "");
  truncateSync(large, 21 * 1024 * 1024);
  const { stdout, stderr } = await run(process.execPath, [
    join(ROOT, "bin/wachpost.js"),
    "--config",
    config,
    "reports",
    "--json",
    named("fail.eml", mail("fail")),
    named("pass.eml", mail("pass")),
    named("bare.xml", xml),
    named("forged.eml", mail("pass").replaceAll("evil.test", sender)),
    large,
  ]);
  rmSync(directory, { recursive: true });
  const found = JSON.parse(stdout) as {
    reports: number;
    unreadable: number;
    domains: { reporters: string[] }[];
    unproven: { claimed: string; why: string }[];
  };
  assert.deepEqual([found.reports, found.unreadable], [2, 1], stderr);
  for (const reporter of found.domains.flatMap(({ reporters }) => reporters))
    assert.match(reporter, / by a file \(\d\)$/, "whoever writes a file writes its proof");
  assert.deepEqual(
    found.unproven.map(({ claimed, why }) => `${claimed} ${why}`),
    ["evil.test dmarc", "evil.test other-name"],
  );
});

test("reports advise: the record that stands is asked for, and shown with its next step", async () => {
  const zone = "_dmarc.example.com TXT v=DMARC1; p=quarantine; rua=mailto:rua@example.com\n";
  const dns = await startDnsServer({ zone });
  const say = (...more: string[]) =>
    run(process.execPath, [
      join(ROOT, "bin/wachpost.js"),
      "reports",
      "advise",
      "--dns",
      `127.0.0.1:${dns.port}`,
      ...more,
      ...files("dmarc"),
    ]);
  const { stdout, status, stderr } = await say("--json");
  const advice = JSON.parse(stdout) as { domain: string; verdict: string; record?: string }[];
  const { stdout: text } = await say();
  dns.close();
  assert.equal(status, 0, stderr);
  const own = advice.find(({ domain }) => domain === "example.com");
  assert.equal(own?.record, '_dmarc.example.com. TXT "v=DMARC1; p=reject; rua=mailto:rua@example.com"');
  assert.match(text, /^example\.com: p=quarantine; 124 of 124 messages on \d+ days passed\.$/m);
});
