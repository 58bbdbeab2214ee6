/** Where setup cannot go on, or only in part: each time a sentence, and the same command goes on afterwards. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { chmodSync, existsSync, mkdirSync } from "node:fs";
import { createServer } from "node:net";
import { once } from "node:events";
import { test } from "node:test";
import { missing } from "../e2e/programs.ts";
import { mountable, mountTmpfs } from "../e2e/tmpfs.ts";
import { startDnsServer } from "../simulate/dns-server.ts";
import { unitText } from "../../src/setup/unit-text.ts";
import { Workshop, type SetupJson } from "./workshop.ts";
import { writeFileSync } from "node:fs";

const stepOf = (json: string, id: string): SetupJson["steps"][number] =>
  (JSON.parse(json) as SetupJson).steps.find(({ step }) => step === id) ?? assert.fail(`${id} in ${json}`);

/** Nobody answers here. */
const NOWHERE = ["--dns", "127.0.0.1:1", "--acme-directory", "https://127.0.0.1:1/dir"];

test("no network: what needs none is done, the rest says so (in German), and nothing is shown as fine", async () => {
  using shop = await Workshop.open();
  const { stdout, stderr, status } = await shop.setup(...NOWHERE, "--json", "--lang", "de");
  assert.equal(status, 1);
  for (const id of ["user", "directories", "configuration", "domain", "account", "service"])
    assert.equal(stepOf(stdout, id).standing, "done", id);
  assert.match(
    stepOf(stdout, "records").text,
    /^Ob sie da sind, ist unbekannt: Das DNS antwortet nicht \(kein Resolver ist zu erreichen\)/,
  );
  assert.equal(stepOf(stdout, "records").lines?.length, 32, "the lines to copy are shown all the same");
  assert.match(
    stepOf(stdout, "certificate").text,
    /^Es gibt noch keines: Die Zertifizierungsstelle ist nicht zu erreichen\./,
  );
  assert.match(stepOf(stdout, "preflight").text, /unbekannt: [3-9]/);
  assert.match(stderr, /Passwort von admin@example\.test, nur jetzt zu sehen/);
});

/** Every record of a domain, each of them wrong; what is right is only the name. */
const WRONG = `
example.test NS ns.example.test
example.test MX 10 mx.other.test
mail.example.test A 127.0.0.77
1.0.0.127.in-addr.arpa PTR host77.provider.test
example.test TXT v=spf1 -all
_dmarc.example.test TXT v=DMARC1
_smtp._tls.example.test TXT v=TLSRPTv1
_submissions._tcp.example.test SRV 0 1 465 mx.other.test
_imaps._tcp.example.test SRV 0 1 993 mx.other.test
_autodiscover._tcp.example.test SRV 0 1 443 mx.other.test
mta-sts.example.test CNAME mx.other.test
autoconfig.example.test CNAME mx.other.test
autodiscover.example.test CNAME mx.other.test
_mta-sts.example.test TXT v=STSv1; id=1
`;

test("wrong DNS: every record is named, with what is there instead", async () => {
  using shop = await Workshop.open();
  const dns = await startDnsServer({ zone: WRONG });
  using _closed = { [Symbol.dispose]: () => dns.close() };
  const flags = ["--dns", `127.0.0.1:${dns.port}`, "--acme-directory", "none"];
  const { stdout } = await shop.setup(...flags, "--json");
  const records = stepOf(stdout, "records");
  const lines = records.lines ?? [];
  assert.equal(records.standing, "waiting");
  const stated = lines.filter((_, at) => at % 2 === 1);
  assert.equal(stated.length, 16, lines.join("\n"));
  assert.equal(stated.filter((line) => line.includes("(different, there is:")).length, 10, lines.join("\n"));
  // The keys are new, the host name has no SPF; an alias to elsewhere is as good as none.
  assert.equal(stated.filter((line) => line.endsWith("(missing)")).length, 6, lines.join("\n"));
  for (const there of ["mx.other.test", "127.0.0.77", "host77.provider.test", "v=spf1 -all"])
    assert.ok(
      lines.some((line) => line.includes(there)),
      there,
    );
  assert.match(
    stepOf(stdout, "preflight").lines?.join("\n") ?? "",
    /Mail for example\.test goes to mx\.other\.test today[\s\S]*127\.0\.0\.1 is called host77\.provider\.test/,
  );
});

test(
  "a full disk stops with a sentence; with room the same command goes on",
  { skip: mountable() },
  async () => {
    using shop = await Workshop.open();
    mkdirSync(shop.file("data"));
    using disk = mountTmpfs(shop.file("data"), "1m");
    chmodSync(shop.file("data"), 0o755);
    writeFileSync(shop.file("data/ballast"), Buffer.alloc(960 * 1024));
    const flags = [...NOWHERE.slice(0, 2), "--acme-directory", "none"];
    const full = await shop.setup(...flags);
    assert.equal(full.status, 1);
    assert.match(full.stdout, /✗ .*There is no space left on the disk/, full.stdout);
    assert.match(full.stdout, /-> Make room .* it goes on from here/);
    disk.remount("rw");
    spawnSync("mount", ["-o", "remount,size=64m", shop.file("data")]);
    const again = JSON.parse((await shop.setup(...flags, "--json")).stdout) as SetupJson;
    for (const id of ["directories", "configuration", "domain", "account", "service"])
      assert.equal(again.steps.find(({ step }) => step === id)?.standing, "done", id);
  },
);

test("a port that somebody else holds: preflight and start name the program", async () => {
  using shop = await Workshop.open();
  const holder = createServer().listen(shop.ports.imaps, "127.0.0.1");
  using _closed = { [Symbol.dispose]: () => void holder.close() };
  await once(holder, "listening");
  const flags = [...NOWHERE.slice(0, 2), "--acme-directory", "none"];
  const preflight = await shop.setup(...flags, "--preflight");
  assert.equal(preflight.status, 1);
  assert.match(
    preflight.stdout,
    new RegExp(`✗ Ports of mail +${shop.ports.imaps} \\S+ \\(pid ${process.pid}\\)`),
  );
  assert.ok(!existsSync(shop.file("data")), "preflight changes nothing");
  const run = await shop.setup(...flags, "--run");
  assert.match(
    run.stdout,
    new RegExp(`✗ Server +Port ${shop.ports.imaps} is held by \\S+ \\(pid ${process.pid}\\)`),
  );
});

const noAnalyze = missing("systemd-analyze", "systemd");
test("the systemd unit is well formed and well shut in", { skip: noAnalyze }, async () => {
  using shop = await Workshop.open();
  const file = shop.file("wachpost.service");
  const program = [process.execPath, process.execPath] as const;
  writeFileSync(
    file,
    unitText({ user: "wachpost", config: "/etc/wachpost/wachpost.toml", data: "/var/lib/wachpost", program }),
  );
  const verify = spawnSync("systemd-analyze", ["verify", file], { encoding: "utf8" });
  assert.doesNotMatch(verify.stderr, /wachpost\.service/);
  const { stdout } = spawnSync("systemd-analyze", ["security", "--offline=true", "--threshold=20", file], {
    encoding: "utf8",
  });
  const level = Number(/Overall exposure level for wachpost\.service: ([0-9.]+)/.exec(stdout)?.[1]);
  assert.ok(level <= 1.6, stdout);
});
