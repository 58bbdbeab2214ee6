/** The feed of new versions: over real HTTPS, made by the real tool, read by the real command line. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { generateKeyPairSync, hash } from "node:crypto";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { request } from "node:https";
import { createServer, type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { parseDomain } from "../../src/base/domain-name.ts";
import { dnsClient } from "../../src/dns/client.ts";
import { fetchText } from "../../src/tls/fetch-text.ts";
import { signFeed } from "../../src/upgrade/feed.ts";
import { fetchFeed } from "../../src/upgrade/fetch-feed.ts";
import { FEED_OCTETS_MAX } from "../../src/upgrade/limits.ts";
import { startDnsServer } from "../simulate/dns-server.ts";
import { PolicyServer, type PolicyAnswer } from "../tls/policy-server.ts";
import { authority, certificateFor, stranger } from "../tls/remote-server.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const HOST = "feed.test";
const JSON_TYPE = { "content-type": "application/json; charset=utf-8" };

const answers: readonly {
  readonly name: string;
  readonly answer: PolicyAnswer;
  readonly want: string | RegExp;
}[] = [
  { name: "a feed", answer: { headers: JSON_TYPE, body: "{}" }, want: "{}" },
  {
    name: "a redirect to a private address",
    answer: { status: 302, headers: { location: "https://10.0.0.1/feed.json" }, body: "" },
    want: /the answer is 302/,
  },
  {
    name: "a page",
    answer: { headers: { "content-type": "text/html" }, body: "{}" },
    want: /is not application\/json/,
  },
  {
    name: "one octet too much",
    answer: { headers: JSON_TYPE, body: " ".repeat(FEED_OCTETS_MAX + 1) },
    want: /longer than 1024 KB/,
  },
  { name: "nothing", answer: { status: 404, headers: JSON_TYPE, body: "{}" }, want: /the answer is 404/ },
];

void test("a feed is fetched from a public server that proves its name, and from no other", async () => {
  using server = await PolicyServer.start(certificateFor(HOST));
  const dns = await startDnsServer({ zone: `${HOST} A 127.0.0.1\nprivate.test A 10.0.0.1` });
  const fetching = {
    dns: dnsClient([{ address: "127.0.0.1", port: dns.port }]),
    request,
    ca: [authority.certificate],
    allowLoopback: true,
  };
  const url = `https://${HOST}:${server.port}/feed.json`;
  try {
    for (const { name, answer, want } of answers) {
      server.answer = answer;
      const got = await fetchFeed(url, fetching);
      if (typeof want === "string") assert.deepEqual(got, { ok: true, value: want }, name);
      else assert.match(got.ok ? "was taken" : got.error, want, name);
    }
    server.answer = { headers: JSON_TYPE, body: "{}" };
    const refused = async (address: string, options: object = {}): Promise<string> => {
      const got = await fetchFeed(address, { ...fetching, ...options });
      return got.ok ? "was taken" : got.error;
    };
    assert.match(await refused(url, { allowLoopback: false }), /no address on the Internet/);
    assert.match(await refused("https://private.test/feed.json"), /no address on the Internet/);
    for (const address of [
      url.replace("https:", "http:"),
      "https://127.0.0.1/",
      "https://me@feed.test/",
      "feed",
    ])
      assert.match(await refused(address), /is not an https URL/);
    server.show(certificateFor(HOST, { by: stranger }));
    assert.match(await refused(url), /certificate/);
    assert.deepEqual(server.asked.length, answers.length, "nobody followed the redirect");
  } finally {
    dns.close();
  }
});

void test("a server that says nothing holds nobody up", async () => {
  const silent = createServer(() => {});
  silent.listen(0, "127.0.0.1");
  await once(silent, "listening");
  const dns = await startDnsServer({ zone: `${HOST} A 127.0.0.1` });
  const fetching = {
    dns: dnsClient([{ address: "127.0.0.1", port: dns.port }]),
    request,
    allowLoopback: true,
    port: (silent.address() as AddressInfo).port,
  };
  const host = parseDomain(HOST) ?? assert.fail();
  const got = await fetchText({ host, path: "/", types: [], octets_max: 1, duration_ms: 50 }, fetching);
  assert.equal(got.ok ? "was taken" : got.error.detail, "no answer in time");
  dns.close();
  silent.close();
});

void test("wachpost upgrade check tells of a newer version, refuses what it must not believe, and status remembers", () => {
  const directory = mkdtempSync(join(tmpdir(), "wachpost-feed-"));
  const at = (name: string): string => join(directory, name);
  const run = (
    program: string,
    ...args: string[]
  ): { status: number | null; stdout: string; stderr: string } =>
    spawnSync(process.execPath, [join(ROOT, program), ...args], {
      encoding: "utf8",
      env: { ...process.env, LC_ALL: "C" },
    });
  const tool = (...args: string[]): string => {
    const { status, stdout, stderr } = run("tools/sign-feed.ts", ...args);
    assert.equal(status, 0, stderr);
    return stdout;
  };
  const wachpost = (...args: string[]) =>
    run("bin/wachpost.js", "--config", at("wachpost.toml"), "upgrade", ...args);
  const key = tool("key", at("key")).trim();
  const release = {
    version: "99.0.0",
    date: "2026-11-30",
    severity: "security",
    text: { en: "A hole is closed.", de: "Eine Lücke ist zu." },
    sha512: hash("sha512", "a package"),
  };
  writeFileSync(at("releases.json"), JSON.stringify([release]));
  writeFileSync(at("feed.json"), tool("sign", at("key"), at("releases.json"), "30"));
  writeFileSync(
    at("wachpost.toml"),
    `hostname = "mail.example.org"\ndata = "${at("data")}"\n[updates]\nkey = "${key}"\n`,
  );
  try {
    const missing = wachpost("check", "--feed", at("no-such-feed.json"));
    assert.equal(missing.status, 1);
    assert.match(missing.stderr, /no-such-feed\.json does not exist\.\n {2}-> /);
    assert.doesNotMatch(missing.stderr, /^ {4}at /m);
    assert.match(run("tools/sign-feed.ts", "key", at("key")).stderr, /^sign-feed: .* is there already/);
    const told = wachpost("check", "--feed", at("feed.json"));
    assert.match(
      told.stdout,
      /^update +99\.0\.0 of 2026-11-30 \(security\): A hole is closed\.$/m,
      told.stderr,
    );
    const old = { made_ms: Date.now() - 3_600_000, expires_ms: Date.now() + 3_600_000, releases: [] };
    const { privateKey } = generateKeyPairSync("ed25519");
    writeFileSync(at("forged.json"), signFeed(old, privateKey));
    const forged = wachpost("check", "--feed", at("forged.json"));
    assert.equal(forged.status, 1);
    assert.match(forged.stderr, /not signed with the key of updates\.key/);
    const after = wachpost("status").stdout;
    assert.match(after, /^update +99\.0\.0/m, "what was known is forgotten");
    assert.match(after, /the last look failed/);
  } finally {
    rmSync(directory, { recursive: true });
  }
});
