import assert from "node:assert/strict";
import { test } from "node:test";
import { ManualClock } from "../../src/base/clock.ts";
import { parseConfig } from "../../src/config/parse.ts";
import type { Finding } from "../../src/doctor/finding.ts";
import type { OwnServerFacts } from "../../src/doctor/own-server.ts";
import { operations } from "../../src/doctor/probes/operations.ts";
import { mailSources, translatedSources } from "../../src/doctor/sources.ts";
import { weakenedSettings } from "../../src/doctor/weakened.ts";
import { GOOD_FACTS, NOW_MS, OWN_CONTROLS } from "./own-controls.ts";
import { assertGerman } from "./german.ts";
import { HOST, startWorld } from "./world.ts";

async function look(facts: OwnServerFacts): Promise<readonly Finding[]> {
  const world = await startWorld("");
  world.close();
  return operations.run(facts, { ...world.net, clock: new ManualClock(NOW_MS) });
}

test("a server without a fault is green in every check", async () => {
  const findings = await look(GOOD_FACTS);
  assert.deepEqual(
    findings.filter(({ grade }) => grade !== "ok"),
    [],
  );
  assert.deepEqual(
    findings.map(({ check }) => check),
    operations.checks,
  );
});

for (const control of OWN_CONTROLS) {
  test(`${control.check}: ${control.name}`, async () => {
    const findings = await look({ ...GOOD_FACTS, ...control.change });
    assertGerman(findings);
    const bad = findings.find(({ check }) => check === control.check);
    assert.deepEqual(
      [bad?.grade, bad === undefined || bad.grade === "ok" ? "" : bad.note],
      [control.grade, control.note],
    );
  });
}

test("who names a forwarder may refuse by SPF alone", async () => {
  const findings = await look({ ...GOOD_FACTS, spfFail: { setting: "reject", knowsForwarders: true } });
  assert.equal(findings.find(({ check }) => check === "spf-alone")?.grade, "ok");
});

test("a certificate of six days is green until a quarter of its life is left (T-56)", async () => {
  const DAY_MS = 86_400_000;
  const grades: (string | undefined)[] = [];
  for (const left of [5, 1, 0.2]) {
    const certificate = {
      notBefore_ms: NOW_MS - (6 - left) * DAY_MS,
      notAfter_ms: NOW_MS + left * DAY_MS,
      own: false,
      names: [],
    };
    const findings = await look({ ...GOOD_FACTS, certificate });
    grades.push(findings.find(({ check }) => check === "certificate-file")?.grade);
  }
  assert.deepEqual(grades, ["ok", "warn", "fail"]);
});

test("addresses mail leaves from: of the world's view, with the name said there, each once", () => {
  const direct = (more: string) =>
    `[[outbound.transports]]\ndomain = "a.example"\nkind = "direct"\n${more}\n`;
  const usual = '[outbound]\nlocal_address = ["93.184.216.34", "2a00:1450:4001:80b:0::1"]\n';
  const table: [toml: string, want: string[]][] = [
    ["", []],
    [usual, ["93.184.216.34 mail.example.org", "2a00:1450:4001:80b::1 mail.example.org"]],
    [
      direct('local_address = "93.184.216.40"\nhelo_name = "out.example.org"'),
      ["93.184.216.40 out.example.org"],
    ],
    [
      usual + direct("") + direct('helo_name = "out.example.org"'),
      [
        "93.184.216.34 mail.example.org",
        "2a00:1450:4001:80b::1 mail.example.org",
        "93.184.216.34 out.example.org",
        "2a00:1450:4001:80b::1 out.example.org",
      ],
    ],
    // Whoever takes everything over is seen by the world, not we.
    [`${usual}[[outbound.transports]]\ndomain = "*"\nhost = "relay.example"\n`, []],
  ];
  for (const [toml, want] of table) {
    const config = parseConfig(`hostname = "mail.example.org"\n${toml}`);
    assert.ok(config.ok, toml);
    const found = mailSources(config.value);
    assert.deepEqual(
      found.map(({ address, name }) => `${address} ${name}`),
      want,
      toml,
    );
  }
  const hidden = translatedSources([{ address: "10.0.0.5", name: HOST }]);
  assert.deepEqual(
    hidden.map(({ grade, subject }) => `${grade} ${subject}`),
    ["unknown 10.0.0.5"],
  );
});

test("every setting weaker than the default is told as it stands", () => {
  const table: [toml: string, want: string[]][] = [
    ["", []],
    ['[policy]\ndmarc = "record"', ['policy.dmarc = "record"']],
    ['[policy]\ndmarc_unknown = "record"', ['policy.dmarc_unknown = "record"']],
    ['[policy]\nmynetworks = ["127.0.0.1", "::1"]', []],
    ['[policy]\nmynetworks = ["127.0.0.0/8", "10.0.0.0/8"]', ["policy.mynetworks: 10.0.0.0/8"]],
    ['[policy]\nmynetworks = ["0.0.0.0/0"]', ["policy.mynetworks: 0.0.0.0/0"]],
    ["[limits]\ndisk_free_percent = 1", ["limits.disk_free_percent = 1"]],
    ["[alerts]\nmail_enabled = false", ["alerts.mail_enabled = false"]],
    ['[alerts]\nmail_enabled = false\nwebhook = "https://chat.example/x"', []],
    ["[queue]\nexpire_s = 86400", ["queue.expire_s = 86400"]],
    ['[listeners.imaps]\nproxy_from = ["10.0.0.1", "0.0.0.0/0"]', ["listeners.imaps.proxy_from: 0.0.0.0/0"]],
    ['[sasl]\nscram = "never"', ['sasl.scram = "never"']],
    ['[listeners.smtp]\nxclient_from = ["10.0.0.1"]', ['listeners.smtp.xclient_from = ["10.0.0.1"]']],
    [
      '[[outbound.transports]]\ndomain = "*"\nhost = "relay.example"\ntls = "none"',
      ['outbound.transports: *, tls = "none"'],
    ],
  ];
  for (const [toml, want] of table) {
    const config = parseConfig(`hostname = "mail.example.org"\n${toml}`);
    assert.ok(config.ok, toml);
    assert.deepEqual(weakenedSettings(config.value), want, toml);
  }
});
