/** `wachpost setup`: what it leaves, that it takes itself up again, that it takes nothing away. */
import assert from "node:assert/strict";
import { chownSync, existsSync, mkdirSync, readdirSync, statSync, writeFileSync } from "node:fs";
import { test } from "node:test";
import { OperatorError } from "../../src/base/operator-error.ts";
import { wishesOf, type SetupFlags } from "../../src/cli/setup-flags.ts";
import { systemClock } from "../../src/base/clock.ts";
import { parseDomain } from "../../src/base/domain-name.ts";
import { openJob, type Hands } from "../../src/setup/open-job.ts";
import { settle } from "../../src/setup/settle.ts";
import { configurationStep } from "../../src/setup/steps/configuration.ts";
import { directoriesStep } from "../../src/setup/steps/directories.ts";
import { domainStep } from "../../src/setup/steps/domain.ts";
import { recordsStep } from "../../src/setup/steps/records.ts";
import { lockSetup } from "../../src/setup/state.ts";
import { startDnsServer } from "../simulate/dns-server.ts";
import { DOMAIN, LAUNCHER, run, Workshop, type SetupJson } from "./workshop.ts";

/** No certificate authority and a DNS that knows nothing: what is left needs nobody else. */
async function world(zone = ""): Promise<{ readonly flags: readonly string[] } & Disposable> {
  const dns = await startDnsServer({ zone });
  return {
    flags: ["--dns", `127.0.0.1:${dns.port}`, "--acme-directory", "none"],
    [Symbol.dispose]: () => dns.close(),
  };
}

const standings = ({ steps }: SetupJson): Record<string, string> =>
  Object.fromEntries(steps.map(({ step, standing }) => [step, standing]));

test("from nothing: configuration, domain with keys, account, unit; the second run has nothing left to make", async () => {
  using shop = await Workshop.open();
  using dns = await world();
  const { flags } = dns;
  const dry = await shop.setup(...flags, "--dry-run");
  assert.match(dry.stdout, /nothing is changed/);
  assert.ok(!existsSync(shop.file("data")), "a dry run leaves nothing");

  const first = await shop.setup(...flags, "--zone-file", shop.file("zone"));
  assert.equal(first.status, 1, "something is left to do");
  assert.match(first.stdout, /^✓ First account +admin@example\.test/m);
  const password = /shown only now: +(\S+)/.exec(first.stdout)?.[1] ?? assert.fail(first.stdout);
  assert.match(first.stdout, /^ +example\.test\. MX 10 mail\.example\.test\.$/m);
  assert.match(first.stdout, /systemctl enable --now wachpost\.service/);
  assert.equal(statSync(shop.file("data")).mode & 0o777, 0o700);
  assert.equal(statSync(shop.file(`data/setup/${DOMAIN}.json`)).mode & 0o777, 0o600);
  assert.ok(!shop.read(`data/setup/${DOMAIN}.json`).includes(password), "the state holds no secret");
  assert.equal(
    shop
      .read("zone")
      .split("\n")
      .filter((line) => line.includes("_domainkey")).length,
    2,
  );
  assert.equal((await shop.wachpost("check")).status, 0);

  const before = [shop.read("wachpost.toml"), shop.read("wachpost.service"), shop.read("zone")];
  const second = await shop.setup(...flags, "--json", "--zone-file", shop.file("zone"));
  const result = JSON.parse(second.stdout) as SetupJson;
  assert.deepEqual([shop.read("wachpost.toml"), shop.read("wachpost.service"), shop.read("zone")], before);
  assert.ok(!second.stderr.includes("shown only now"), "the password is shown once");
  for (const step of ["user", "directories", "configuration", "domain", "account", "service", "certificate"])
    assert.equal(standings(result)[step], "done", step);
  assert.equal(standings(result)["records"], "waiting");
  assert.ok(!shop.read("wachpost.service").includes("User=root\n"));
});

test("killed after each step and taken up again, it comes to the same end", async () => {
  using shop = await Workshop.open();
  using dns = await world();
  const { flags } = dns;
  const titles = [
    "User of the server",
    "Data directory",
    "Configuration",
    "Domain and signing keys",
    "First account",
    "Service",
  ];
  let passwords = 0;
  for (const title of titles) {
    const child = shop.begin(...flags);
    let text = "";
    child.stdout?.on("data", (chunk: Buffer) => {
      text += chunk.toString("utf8");
      if (text.includes(`✓ ${title}`)) child.kill("SIGKILL");
    });
    await new Promise((resolve) => child.on("close", resolve));
    assert.ok(text.includes(`✓ ${title}`), `${title} was not reached: ${text}`);
    passwords += text.split("shown only now").length - 1;
  }
  const end = JSON.parse((await shop.setup(...flags, "--json")).stdout) as SetupJson;
  for (const step of ["user", "directories", "configuration", "domain", "account", "service", "certificate"])
    assert.equal(standings(end)[step], "done", step);
  assert.equal(passwords, 1);
  const keys = await shop.wachpost("domain", "keys", DOMAIN);
  assert.equal(keys.stdout.trim().split("\n").length, 2, "no second pair of keys");
  assert.deepEqual(
    readdirSync(shop.directory).filter((name) => name.endsWith(".new")),
    [],
  );
});

test("another server's configuration stays as it is, and setup says why it stops", async () => {
  using shop = await Workshop.open();
  using dns = await world();
  const { flags } = dns;
  const theirs = `hostname = "mx.other.test"\ndata = "/srv/mail"\n`;
  writeFileSync(shop.file("wachpost.toml"), theirs);
  const { stdout, status } = await shop.setup(...flags);
  assert.equal(status, 1);
  assert.match(stdout, /✗ Configuration .*describes another server\. It is never overwritten/);
  assert.match(stdout, /hostname = "mx\.other\.test" {2}!= {2}"mail\.example\.test"/);
  assert.equal(shop.read("wachpost.toml"), theirs);
  assert.ok(!existsSync(shop.file("data/store")), "nothing after it is done");

  writeFileSync(shop.file("wachpost.toml"), "hostnme = 1\n");
  const broken = await shop.setup(...flags);
  assert.match(broken.stdout, /cannot be used:\n[\s\S]*Did you mean hostname/);
});

test("two at once on the same data: the second says who is at work", async () => {
  using shop = await Workshop.open();
  mkdirSync(shop.file("data"));
  await using _first = await lockSetup(shop.file("data"));
  const second = await shop.setup("--acme-directory", "none");
  assert.match(second.stderr, new RegExp(`Another setup is at work in .*\\(process ${process.pid}\\)`));
});

test("a password that nobody saw is replaced; a state that somebody else could have written is not believed", async () => {
  using shop = await Workshop.open();
  using dns = await world();
  const { flags } = dns;
  await shop.setup(...flags);
  const file = shop.file(`data/setup/${DOMAIN}.json`);
  const state = JSON.parse(shop.read(`data/setup/${DOMAIN}.json`)) as { answers: object };
  const cutOff = {
    ...state,
    passwordSeen: false,
    answers: { ...state.answers, unit: shop.file("other.service") },
  };
  writeFileSync(file, JSON.stringify(cutOff));
  const withoutUnit = shop.flags.filter((flag, at, all) => flag !== "--unit" && all[at - 1] !== "--unit");
  const go = () => run(process.execPath, [LAUNCHER, "setup", DOMAIN, ...withoutUnit, ...flags]);
  assert.match((await go()).stdout, /shown only now: +\S{20}/);
  assert.ok(existsSync(shop.file("other.service")), "our own state is believed");
  if (process.getuid?.() !== 0) return;
  const status = async () =>
    (await run(process.execPath, [LAUNCHER, "setup", "status", DOMAIN, ...withoutUnit, ...flags])).stdout;
  assert.match(await status(), /other\.service/);
  chownSync(file, 65_534, 65_534);
  assert.doesNotMatch(await status(), /other\.service/);
});

test("without a public address the records are not called right", async () => {
  using shop = await Workshop.open();
  const around = { root: false, systemd: false, person: undefined, publicAddresses: [] };
  const wishes = {
    publicAddresses: [],
    listen: [],
    ports: {},
    dnsServers: ["127.0.0.1:1"],
    acmeDirectory: "none",
  };
  const domain = parseDomain(DOMAIN) ?? assert.fail();
  const config = shop.file("wachpost.toml");
  const answers = settle(domain, shop.file("data"), { ...wishes, config }, undefined, around);
  const hands: Hands = {
    language: "en",
    password: undefined,
    updateSecret: undefined,
    looksOnly: false,
    progress: () => {},
    show: () => {},
    startHere: undefined,
    pause: undefined,
    outside: [],
  };
  await using job = await openJob(answers, undefined, systemClock, hands);
  for (const step of [directoriesStep, configurationStep, domainStep])
    assert.equal((await step.act(job)).standing, "done", step.id);
  const { standing, word } = await recordsStep.look(job);
  assert.deepEqual([standing, word], ["waiting", "records-no-address"]);
});

test("what cannot be meant is refused before anything is done", async () => {
  using shop = await Workshop.open();
  const { status, stderr } = await shop.setup(
    "--json",
    "--dns-update",
    "127.0.0.1",
    "--tsig",
    "k:hmac-sha256:/dev/null",
  );
  assert.equal(status, 1);
  assert.equal((JSON.parse(stderr) as { code: string }).code, "bad-tsig-secret");
  assert.ok(!existsSync(shop.file("data")));
});

const NO_FLAGS: SetupFlags = { publicAddress: [], dns: [], listen: [], ports: {}, outside: [] };
for (const [flags, code] of [
  [{ hostname: "nodots" }, "bad-hostname"],
  [{ account: "a b@example.test" }, "bad-login"],
  [{ publicAddress: ["1.2.3"] }, "bad-address"],
  [{ dns: ["resolver.example.test"] }, "bad-server"],
  [{ dns: ["127.0.0.1:99999"] }, "bad-server"],
  [{ acmeDirectory: "http://acme.test/" }, "bad-directory"],
  [{ dnsUpdate: "127.0.0.1" }, "half-an-update"],
  [{ dnsUpdate: "127.0.0.1", tsig: "key:hmac-md5:/dev/null" }, "bad-tsig"],
  [{ user: "Not;A:User" }, "bad-user"],
] as const)
  test(`${JSON.stringify(flags)}: ${code}`, () => {
    assert.throws(
      () => wishesOf({ ...NO_FLAGS, ...flags }),
      (error) => error instanceof OperatorError && error.code === code && error.remedy !== "",
    );
  });
