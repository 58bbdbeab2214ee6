import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { settingsDigest } from "../../src/config/digest.ts";
import { differencesOf } from "../../src/config/differences.ts";
import { parseConfig } from "../../src/config/parse.ts";
import type { Config } from "../../src/config/schema.ts";
import { lastStart, noteStart, rememberTried, trialOf, wasTried } from "../../src/config/tried.ts";
import { outcomeText } from "../../src/cli/config-shown.ts";
import { lastOutcome } from "../../src/promotion/machine-journal.ts";
import { promote } from "../../src/promotion/promote.ts";
import { unitIn } from "../../src/promotion/machine-server.ts";
import { CONFIG_WORDS, NOTES, REASONS, STEPS, TITLES } from "../../src/promotion/words.ts";
import { lookAtResolver } from "../../src/promotion/resolver.ts";
import { settingsText, trialSettings } from "../../src/promotion/trial-settings.ts";
import { freePort } from "../e2e/server.ts";
import { startDnsServer } from "../simulate/dns-server.ts";

function configOf(text: string): Config {
  const read = parseConfig(`hostname = "mail.example.org"\n${text}`);
  assert.ok(read.ok, JSON.stringify(read));
  return read.value;
}

test("differences: by name, with both values; of what is secret only that it changed", () => {
  const before = configOf(
    '[alerts]\nwebhook = "https://ntfy.sh/secret-one"\n[policy]\nclient = """\nreject\n"""',
  );
  const now = configOf(
    '[alerts]\nwebhook = "https://ntfy.sh/secret-two"\nping = "https://ping.example.org/secret"\n[limits]\nconnections = 77\n[[outbound.transports]]\ndomain = "*"\nhost = "smart.example.org"',
  );
  const found = differencesOf(before, now);
  assert.deepEqual(found.slice(0, 3), [
    { name: "outbound.transports[1].domain", now: '"*"' },
    { name: "outbound.transports[1].kind", now: '"smtp"' },
    { name: "outbound.transports[1].host", now: '"smart.example.org"' },
  ]);
  assert.deepEqual(
    found.filter(({ name }) => /^(limits|policy|alerts)/.test(name)),
    [
      { name: "limits.connections", before: "2000", now: "77" },
      { name: "alerts.webhook", before: "(secret)", now: "(secret)" },
      { name: "alerts.ping", now: "(secret)" },
      { name: "policy.client", before: "reject\n" },
    ],
  );
  assert.doesNotMatch(JSON.stringify(found), /secret-|ping\.example/);
  assert.deepEqual(differencesOf(now, now), []);
});

test("digest: what is said counts, not how it is written", () => {
  const one = settingsDigest('a = 1\n[b]\nx = "y"\nz = [1, 2]\n');
  assert.equal(settingsDigest('b.z = [1, 2] # as before\nb.x = "y"\na = 1\n'), one);
  for (const other of ['a = 1\n[b]\nx = "y"\nz = [2, 1]\n', 'a = "1"\n[b]\nx = "y"\nz = [1, 2]\n', "a = 1\n"])
    assert.notEqual(settingsDigest(other), one);
});

test("tried: the first settings count as tried, later ones when they passed", () => {
  const data = mkdtempSync(join(tmpdir(), "wachpost-tried-"));
  try {
    const [one, other] = [settingsDigest("a = 1"), settingsDigest("a = 2")];
    assert.equal(trialOf(data, one), "unknown");
    noteStart(data, { digest: one, pid: 1, at_ms: 2 });
    noteStart(data, { digest: other, pid: 3, at_ms: 4 });
    assert.deepEqual(lastStart(data), { digest: other, pid: 3, at_ms: 4 });
    assert.deepEqual([trialOf(data, one), trialOf(data, other)], ["first", "never"]);
    assert.deepEqual([wasTried(data, one), wasTried(data, other)], [true, false]);
    rememberTried(data, other);
    assert.deepEqual([trialOf(data, one), trialOf(data, other)], ["first", "passed"]);
    assert.deepEqual([wasTried(data, one), wasTried(data, other)], [true, true]);
  } finally {
    rmSync(data, { recursive: true, force: true });
  }
});

test("promoted where no server runs: the file is replaced, and nobody is told that the settings are in use", async () => {
  const data = mkdtempSync(join(tmpdir(), "wachpost-idle-"));
  const file = join(data, "wachpost.toml");
  const before = `hostname = "mail.example.org"\ndata = ${JSON.stringify(data)}\n`;
  const text = `limits.connections = 77\n${before}`;
  writeFileSync(file, before);
  const steps: string[] = [];
  const tools = { language: "en", told: (step: string) => steps.push(step) } as const;
  try {
    const config = configOf(`data = ${JSON.stringify(data)}`);
    const outcome = await promote({ file, before, config, text, restart: undefined, wait_ms: 1 }, tools);
    assert.deepEqual(steps, ["replaced"]);
    assert.equal(readFileSync(file, "utf8"), text);
    assert.equal(trialOf(data, settingsDigest(text)), "passed");
    assert.match(outcomeText(outcome, "en"), /no server runs.*config back 1$/);
    assert.deepEqual(lastOutcome(data), outcome);
  } finally {
    rmSync(data, { recursive: true, force: true });
  }
});

test("trial settings: on loopback, on other data, and nothing leaves", () => {
  const config = configOf(`data = "/real"
[listeners.lmtp]
enabled = true
path = "/run/lmtp.sock"
[tls.acme]
enabled = true
[dns.update]
server = "192.0.2.1"
key = "k.example.org"
secret_file = "/etc/k"
[alerts]
webhook = "https://ntfy.sh/x"
ping = "https://p.example.org"
mail = "me@elsewhere.example"
[backup]
directory = "/backup"
[log]
file = "/var/log/wachpost.log"
[[outbound.transports]]
domain = "*"
host = "smart.example.org"
`);
  const place = {
    data: "/trial",
    ports: { smtp: 1, submissions: 2, imaps: 3 },
    served: undefined,
    dnsPort: 53,
  };
  const text = settingsText(trialSettings(config, place));
  assert.doesNotMatch(
    text,
    /real|\/run|ntfy|p\.example|elsewhere|smart|192\.0\.2\.1|backup"|wachpost\.log|0\.0\.0\.0/,
  );
  const trial = parseConfig(text);
  assert.ok(trial.ok, JSON.stringify(trial));
  const { listeners, tls, reports, doctor, alerts } = trial.value;
  assert.deepEqual([listeners.smtp.port, listeners.smtp.addresses], [1, ["127.0.0.1"]]);
  assert.deepEqual(
    [tls.acme.enabled, reports.enabled, doctor.enabled, alerts.mail_enabled],
    [false, false, false, false],
  );
});

test("the unit that runs a server: of the system, not of somebody's session", () => {
  const table: readonly (readonly [cgroup: string, want: string | undefined])[] = [
    ["0::/system.slice/wachpost.service\n", "wachpost.service"],
    ["1:name=systemd:/x\n0::/system.slice/system-mail.slice/mail@a.service\n", "mail@a.service"],
    ["0::/user.slice/user-0.slice/user@0.service/app.slice/wachpost.service\n", undefined],
    ["0::/user.slice/user-0.slice/session-1.scope\n", undefined],
    ["0::/system.slice/cron.service; reboot\n", undefined],
    ["0::/\n", undefined],
    ["", undefined],
  ];
  for (const [cgroup, want] of table) assert.equal(unitIn(cgroup), want, cgroup);
});

test("resolvers that are new and do not answer are a fault, unless none does", async () => {
  const alive = await startDnsServer({ zone: "" });
  const at = (port: number): Config["dns"] => configOf(`[dns]\nservers = ["127.0.0.1:${port}"]`).dns;
  try {
    const [good, dead, other] = [
      at(alive.port),
      at(await freePort("127.0.0.1")),
      at(await freePort("127.0.0.1")),
    ];
    const grades = async (now: Config["dns"], before: Config["dns"]): Promise<string> =>
      (await lookAtResolver(now, before)).map(({ grade }) => grade).join();
    assert.equal(await grades(good, dead), "ok");
    assert.equal(await grades(dead, good), "fail");
    assert.equal(await grades(dead, other), "unknown");
    assert.equal(await grades(dead, dead), "");
  } finally {
    alive.close();
  }
});

test("words: both languages, with the same values", () => {
  const notes = Object.values(NOTES).flatMap(({ why, remedy }) => [why, remedy]);
  const phrases = [TITLES, STEPS, REASONS, CONFIG_WORDS].flatMap((words) => Object.values(words));
  for (const { en, de } of [...phrases, ...notes]) {
    const values = (text: string): string => [...text.matchAll(/\{[a-z]+\}/g)].map(String).toSorted().join();
    assert.equal(values(de), values(en), en);
    assert.ok(de !== "" && en !== "");
  }
});
