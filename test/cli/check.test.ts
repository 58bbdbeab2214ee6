/** `wachpost check`: findings by line, slips in section names, the files that are named, results nobody acts on. */
import assert from "node:assert/strict";
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { after, test } from "node:test";
import { fileURLToPath } from "node:url";
import { issueCertificate, createAuthority } from "../../src/tls/certificate.ts";
import { run } from "../e2e/programs.ts";

const LAUNCHER = join(dirname(fileURLToPath(import.meta.url)), "../../bin/wachpost.js");
const directory = mkdtempSync(join(tmpdir(), "wachpost-check-"));
after(() => rmSync(directory, { recursive: true }));
const config = join(directory, "wachpost.toml");
const HEAD = `hostname = "mail.example.org"\ndata = "${join(directory, "data")}"\n`;

const wachpost = (...args: string[]) => run(process.execPath, [LAUNCHER, "--config", config, ...args]);

async function check(toml: string): Promise<readonly string[]> {
  writeFileSync(config, HEAD + toml);
  const { stdout, stderr } = await wachpost("check");
  return `${stdout}${stderr}`.trimEnd().split("\n");
}

const DAY_MS = 86_400_000;
const authority = createAuthority({
  subject: "test",
  names: [],
  notBefore_ms: Date.now() - 400 * DAY_MS,
  notAfter_ms: Date.now() + 400 * DAY_MS,
});
function pair(name: string, from_days: number, to_days: number): { certificate: string; key: string } {
  const made = issueCertificate(
    {
      subject: name,
      names: [name],
      notBefore_ms: Date.now() + from_days * DAY_MS,
      notAfter_ms: Date.now() + to_days * DAY_MS,
    },
    authority,
    "test",
  );
  const base = join(directory, `${name}.${to_days}`);
  writeFileSync(`${base}.pem`, made.certificate);
  writeFileSync(`${base}.key`, made.key, { mode: 0o600 });
  return { certificate: `${base}.pem`, key: `${base}.key` };
}
const tls = (certificate: string, key: string): string =>
  `[tls]\ncertificate = "${certificate}"\nkey = "${key}"\n`;

test("nothing is said about a configuration that leaves the rules alone", async () => {
  const said = await check("");
  assert.equal(said.length, 1, said.join("\n"));
  assert.match(said[0] ?? "", / is good\. Listeners: /);
});

test("rules: findings in the order of the file, each with its line", async () => {
  const toml = `[policy]\nsender = "permit, reject"\nrecipient = """\n  reject_rbl_client dnsbl.sorbs.net,\n  permit, permit_mynetworks"""\n[policy.classes]\nmine = "reject_nonsense"\n`;
  const said = await check(toml);
  const lines = said.map((line) => /^ {2}line (\d+): (\w+): ([\w.]+)/.exec(line)?.slice(1).join(" "));
  assert.deepEqual(lines.slice(1), [
    "4 warning policy.sender",
    "6 warning policy.recipient",
    "7 warning policy.recipient",
    "9 error policy.classes.mine",
  ]);
  assert.match(said[0] ?? "", /cannot be used/);
});

test("sections: a slip has its line and the nearest name; findings come by line", async () => {
  const said = await check(
    '[listner.smtp]\nport = 25\n[listeners.sumbission]\nport = 1\n[polcy]\nclient = ""\n',
  );
  assert.match(said.join("\n"), /toml:3: listner: no such setting\. Did you mean listeners\?/);
  assert.match(said.join("\n"), /toml:5: listeners\.sumbission: .*Did you mean listeners\.submission\?/);
  assert.match(said.join("\n"), /toml:7: polcy: .*Did you mean policy\?/);
  const places = said.join("\n").match(/toml:\d+/g);
  assert.deepEqual(places, ["toml:3", "toml:5", "toml:7"]);
});

test("certificates: missing, of one another, in time, for this host; and not beside ACME", async () => {
  const good = pair("mail.example.org", -10, 100);
  const old = pair("mail.example.org", -100, -2);
  const other = pair("other.example.org", -10, 100);
  assert.equal((await check(tls(good.certificate, good.key))).length, 1);
  const cases: readonly (readonly [string, RegExp])[] = [
    [tls("/nowhere.pem", good.key), /line 4: error: tls\.certificate: \/nowhere\.pem does not exist/],
    [tls(good.certificate, old.key), /error: .*the key is not the certificate's/],
    [tls(old.certificate, old.key), /error: .* expired on 20/],
    [tls(other.certificate, other.key), /warning: .* does not name mail\.example\.org/],
    [`[tls]\nkey = "${good.key}"\n`, /line 4: error: tls\.key: needs tls\.certificate/],
    [
      `${tls(good.certificate, good.key)}acme.enabled = true\n`,
      /toml:4: tls\.certificate: .*tls\.acme\.enabled/,
    ],
  ];
  for (const [toml, want] of cases) assert.match((await check(toml)).join("\n"), want);
  chmodSync(good.key, 0o644);
  assert.match(
    (await check(tls(good.certificate, good.key))).join("\n"),
    /warning: tls\.key: everybody may read/,
  );
});

test("password files: missing, empty", async () => {
  const hop = (file: string): string =>
    `[[outbound.transports]]\ndomain = "*"\nhost = "relay.example.net"\nuser = "u"\n${file}`;
  const empty = join(directory, "empty");
  writeFileSync(empty, "\n", { mode: 0o600 });
  assert.match(
    (await check(hop(""))).join("\n"),
    /error: outbound\.transports\.0\.password_file: .*no password_file/,
  );
  assert.match(
    (await check(hop('password_file = "/nowhere"\n'))).join("\n"),
    /line 7: error: .*does not exist/,
  );
  assert.match((await check(hop(`password_file = "${empty}"\n`))).join("\n"), /is empty/);
});

test("addresses to come from: one this machine does not have, and a next hop of the other family", async () => {
  const hop = (address: string, more = 'kind = "direct"') =>
    `[[outbound.transports]]\ndomain = "a.example"\n${more}\nlocal_address = ${JSON.stringify(address)}\n`;
  assert.equal((await check(hop("127.0.0.2") + hop("127.0.0.3"))).length, 1);
  const said = (await check(hop("127.0.0.2") + hop("192.0.2.77"))).join("\n");
  assert.match(
    said,
    /line 10: error: outbound\.transports\.1\.local_address: this machine has no address 192\.0\.2\.77/,
  );
  assert.match(said, /cannot be used/);
  const usual = (await check('[outbound]\nlocal_address = "192.0.2.78"\n')).join("\n");
  assert.match(usual, /line 4: error: outbound\.local_address: this machine has no address 192\.0\.2\.78/);
  const apart = (await check(hop("127.0.0.2", 'host = "2001:db8::1"'))).join("\n");
  assert.match(apart, /error: .*2001:db8::1, cannot be reached from there: no local IPv6 address/);
});

test("tables: results on which nobody acts are named", async () => {
  writeFileSync(config, HEAD);
  mkdirSync(join(directory, "data"), { recursive: true });
  await wachpost("access", "add", "clients", "192.0.2.1", "HOLD", "--reason", "test");
  await wachpost("access", "add", "clients", "192.0.2.2", "PREPEND X-Test: yes", "--reason", "test");
  const said = await check("");
  assert.equal(said.length, 2, said.join("\n"));
  assert.match(said[1] ?? "", /warning: table clients: 192\.0\.2\.1: HOLD is recorded/);
});
