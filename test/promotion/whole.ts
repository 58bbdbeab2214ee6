/**
 * Every way in which new settings can go wrong, with a real server that is restarted. `npm run promotion`; some minutes. A part:
 * `node --test --test-name-pattern="killed|in place" test/promotion/whole.ts`.
 */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readdirSync, rmSync, statSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { lastStart } from "../../src/config/tried.ts";
import { isAlive } from "../../src/promotion/machine-server.ts";
import { LineClient } from "../../src/promotion/line-client.ts";
import { issued } from "../doctor/certificates.ts";
import { LAUNCHER } from "../e2e/server.ts";
import { Place } from "./place.ts";

let place: Place;
let trialsBefore: readonly string[];
const trials = (): readonly string[] =>
  readdirSync(tmpdir()).filter((name) => name.startsWith("wachpost-trial-"));
before(async () => {
  trialsBefore = trials();
  place = await Place.make();
  await place.start();
});
after(async () => place[Symbol.asyncDispose]());

const apply = (text: string, ...more: string[]) =>
  place.cli("config", "apply", place.write("new.toml", text), "--restart-command", place.restart, ...more);

/** The server runs with the settings that are in place, and these are the earlier ones. */
async function isAsBefore(text: string): Promise<void> {
  assert.equal(place.inPlace, text);
  const status = await place.cli("config", "status");
  assert.match(status.stdout, /runs with them/);
  assert.equal(status.status, 0, status.stdout);
}

test("a good change: promoted; the way back is tried and examined likewise", async () => {
  const { text } = place;
  const wanted = `${text}[limits]\nmessage_size_octets = 1048576\n`;
  const pid = place.pid;
  const promoted = await apply(wanted);
  assert.equal(promoted.status, 0, promoted.stdout + promoted.stderr);
  console.log(promoted.stdout);
  assert.notEqual(place.pid, pid);
  await isAsBefore(wanted);
  assert.equal(statSync(place.config).mode & 0o777, 0o640);
  const back = await place.cli("config", "back", "--lang", "de", "--restart-command", place.restart);
  assert.equal(back.status, 0, back.stdout + back.stderr);
  assert.match(Buffer.from(back.stdout, "latin1").toString(), /Übernommen/);
  await isAsBefore(text);
});

test("a port of somebody else: refused, with his name", async () => {
  const [, , , port = 0] = place.ports;
  const holder = createServer().listen(port, "127.0.0.1");
  await once(holder, "listening");
  try {
    const refused = await apply(place.text.replace(/port = \d+/, `port = ${port}`));
    assert.equal(refused.status, 1);
    assert.match(refused.stdout, new RegExp(`is in use by .*\\(pid ${process.pid}\\)`));
  } finally {
    holder.close();
  }
  await isAsBefore(place.text);
});

test("rules that refuse everybody: refused, postmaster is named", async () => {
  const refused = await apply(`${place.text}[policy]\nrecipient = "reject"\n`);
  assert.equal(refused.status, 1, refused.stdout);
  assert.match(refused.stdout, /fail {4}Postmaster can be reached by strangers: 5/);
  assert.match(refused.stdout, /fail {4}Mail from outside comes in over TLS: .*5/);
  await isAsBefore(place.text);
});

test("a key that only others may read: no server starts with it", async () => {
  const pair = issued(["mail.wachpost.test"], -1, 60);
  const certificate = place.write("c.pem", pair.certificate);
  const refused = await apply(`${place.text}[tls]\ncertificate = "${certificate}"\nkey = "${certificate}"\n`);
  assert.equal(refused.status, 1, refused.stdout);
  assert.match(refused.stdout, /fail {4}The file and what it names/);
  await isAsBefore(place.text);
});

test("weaker settings: refused, unless they are wanted", async () => {
  const weaker = `${place.text}[sasl]\nscram = "never"\n`;
  assert.equal((await apply(weaker)).status, 1);
  const wanted = await apply(weaker, "--allow-weaker");
  assert.equal(wanted.status, 0, wanted.stdout);
  assert.match(wanted.stdout, /warn {4}No setting has become weaker/);
  assert.equal((await apply(place.text)).status, 0);
  await isAsBefore(place.text);
});

test("a restart that fails, and a server that does not come up: rolled back with its reason", async () => {
  const [, , , port = 0] = place.ports;
  place.sabotage("fails");
  const failed = await apply(`${place.text}[limits]\nconnections = 1999\n`);
  assert.equal(failed.status, 1, failed.stdout);
  assert.match(failed.stdout, /Rolled back.*no such unit/);
  await isAsBefore(place.text);
  place.sabotage("port");
  const down = await apply(place.text.replace(/port = \d+/, `port = ${port}`));
  console.log(down.stdout);
  assert.equal(down.status, 1, down.stdout);
  assert.match(down.stdout, new RegExp(`Rolled back.*127\\.0\\.0\\.1:${port} \\(smtp\\) is in use by`));
  await isAsBefore(place.text);
});

test("nobody knows how it is restarted: the operator is asked to, and what he does not do is taken back", async () => {
  const wanted = place.write("new.toml", `${place.text}[limits]\nconnections = 1995\n`);
  const pid = place.pid;
  const left = await place.cli("config", "apply", wanted, "--wait", "1");
  assert.equal(left.status, 1, left.stdout);
  assert.match(
    left.stdout,
    /Start the server anew now \(process \d+\)[\s\S]*Rolled back.*no server was ready within 1 s/,
  );
  assert.equal(place.pid, pid);
  await isAsBefore(place.text);
  const applying = place.cli("config", "apply", wanted);
  while (place.inPlace === place.text) await new Promise((resolve) => setTimeout(resolve, 200));
  await place.start();
  const done = await applying;
  assert.equal(done.status, 0, done.stdout);
  assert.equal((await apply(place.text)).status, 0);
});

test("other rules: what they would have done to mail that came is told", async () => {
  using client = await LineClient.plain(place.ports[0] ?? 0);
  await client.until(/^220 .*\r\n/m);
  await client.say("EHLO friend.wachpost.test", /^250 .*\r\n/m);
  await client.say("XCLIENT ADDR=198.51.100.9", /^220 .*\r\n/m);
  await client.say("EHLO friend.wachpost.test", /^250 .*\r\n/m);
  await client.say("MAIL FROM:<friend@elsewhere.test>", /^250 .*\r\n/m);
  // Without a DNS nobody knows him.
  await client.say("RCPT TO:<you@wachpost.test>", /^450 .*\r\n/m);
  await client.say("QUIT", /^221 .*\r\n/m);
  const rules = place.write("rules.toml", `${place.text}[policy]\nrecipient = "reject"\n`);
  const { stdout } = await place.cli("config", "try", rules, "--lang", "de");
  const told = Buffer.from(stdout, "latin1").toString();
  console.log(told);
  assert.match(told, /warn {4}Was die Regeln getan hätten: \d+ aufgezeichnete Sitzungen neu beurteilt/);
  assert.match(told, /-> reject: 1/);
});

test("what the doctor finds worse than before is rolled back", async () => {
  const pair = issued(["other.wachpost.test"], -1, 60);
  const [certificate, key] = [place.write("o.pem", pair.certificate), place.write("o.key", pair.key)];
  const worse = await apply(`${place.text}[tls]\ncertificate = "${certificate}"\nkey = "${key}"\n`);
  console.log(worse.stdout);
  assert.equal(worse.status, 1, worse.stdout);
  assert.match(worse.stdout, /Rolled back/);
  await isAsBefore(place.text);
});

test("killed while it restarts: the next command finishes it", async () => {
  place.sabotage("kill");
  await apply(`${place.text}[limits]\nconnections = 1998\n`);
  const next = await apply(`${place.text}[limits]\nconnections = 1997\n`);
  assert.equal(next.status, 0, next.stdout);
  assert.match(next.stdout, /interrupted[\s\S]*Applied[\s\S]*1998 -> 1997[\s\S]*Applied/);
  assert.equal((await apply(place.text)).status, 0);
});

test("changed in place and restarted by hand: log and doctor say that nobody tried it", async () => {
  place.write("wachpost.toml", `${place.text}[limits]\nconnections = 1996\n`);
  await place.start();
  assert.match(place.log, /settings\.untried/);
  const doctor = async (): Promise<string> =>
    (await place.cli("doctor", "--only", "operations", "--all", "--no-history")).stdout;
  assert.match(await doctor(), /changed and never tried/);
  assert.equal((await place.cli("config", "try")).status, 0);
  assert.doesNotMatch(await doctor(), /never tried/);
  assert.match((await place.cli("config", "status")).stdout, /passed their trial/);
});

test("a trial that is interrupted takes its server and its directory along; one that is killed its server", async () => {
  for (const [signal, leaves] of [
    ["SIGTERM", 0],
    ["SIGKILL", 1],
  ] as const) {
    const child = spawn(process.execPath, [LAUNCHER, "--config", place.config, "config", "try"], {
      stdio: "ignore",
    });
    const exit = once(child, "exit");
    const fresh = (): readonly string[] => trials().filter((name) => !trialsBefore.includes(name));
    const start = () => fresh().flatMap((name) => lastStart(join(tmpdir(), name, "data")) ?? [])[0];
    await until(() => start() !== undefined);
    const pid = start()?.pid ?? 0;
    child.kill(signal);
    await exit;
    await until(() => !isAlive(pid));
    assert.equal(fresh().length, leaves, signal);
    for (const name of fresh()) rmSync(join(tmpdir(), name), { recursive: true });
  }
});

async function until(isSo: () => boolean): Promise<void> {
  for (const until_ms = Date.now() + 60_000; !isSo();) {
    assert.ok(Date.now() < until_ms, String(isSo));
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

test("trials leave nothing behind", () => {
  assert.deepEqual(trials(), trialsBefore);
  assert.ok(!existsSync(`${place.config}.new`));
});
