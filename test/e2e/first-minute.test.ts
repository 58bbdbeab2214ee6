/** `wachpost try`: a whole server in a directory that was empty, the same again, and its end. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { RawClient } from "./raw-client.ts";
import { run } from "./programs.ts";
import { startTry, type Trial } from "./trial.ts";
import { LAUNCHER } from "../setup/workshop.ts";

const wachpost = (...args: readonly string[]) => run(process.execPath, [LAUNCHER, ...args]);

const STOP_MS = 15_000;

let workshop: string;
before(() => {
  workshop = mkdtempSync(join(tmpdir(), "wachpost-try-"));
});
after(() => rmSync(workshop, { recursive: true, force: true }));

/** Log in and read the INBOX; undefined when the login is refused. */
async function inbox(trial: Trial, password: string): Promise<string | undefined> {
  const client = await RawClient.tls(trial.ready.ports.imaps, { ca: readFileSync(trial.ready.ca, "utf8") });
  await client.until(/^\* OK.*\r\n/);
  client.write(`a LOGIN ${trial.ready.login} ${password}\r\n`);
  const welcome = await client.until(/^a (OK|NO).*\r\n/m);
  if (welcome.includes("a NO")) return undefined;
  client.write("b SELECT INBOX\r\nc FETCH 1:* BODY.PEEK[]\r\n");
  const text = await client.until(/^c (OK|NO|BAD).*\r\n/m);
  client.destroy();
  return text;
}

test("an empty directory: ready, tested by itself, the welcome mail readable; again with the same data", async () => {
  const data = join(workshop, "one");
  await using first = await startTry(data, 10_100);
  const { ready } = first;
  assert.equal(ready.ready, true);
  assert.equal(ready.login, "you@wachpost.test");
  assert.equal(ready.data, data);
  assert.deepEqual(ready.ports, {
    smtp: 12_625,
    submissions: 14_565,
    submission: 15_687,
    imaps: 20_093,
    pop3s: 20_095,
    web: 18_543,
  });
  assert.ok(ready.selfTest.length >= 5);
  assert.deepEqual(
    ready.selfTest.filter(({ ok }) => !ok),
    [],
  );
  const password = ready.password ?? assert.fail("the first start shows the password");
  assert.ok(password.length >= 20, "too long to guess");
  const text = (await inbox(first, password)) ?? assert.fail("the password does not work");
  assert.match(text, /^Subject: Welcome to your mail server\r$/m);
  assert.match(
    text,
    /^Received: from localhost \(\[127\.0\.0\.1\]\)\r\n\tby mail\.wachpost\.test with ESMTPS\r?/m,
  );
  assert.equal(await inbox(first, `${password}x`), undefined);
  // Whether DNS lists answer depends on the network this runs in.
  const warnings = first
    .stderr()
    .split("\n")
    .filter((line) => line !== "" && !line.includes('"policy.zone"'));
  assert.deepEqual(warnings, []);

  const described = readFileSync(join(data, "wachpost.toml"));
  const twice = await wachpost("try", "--data", data, "--port-offset", "11100");
  assert.equal(twice.status, 1);
  assert.match(twice.stderr, /is used by another server, process [0-9]+/);
  assert.deepEqual(readFileSync(join(data, "wachpost.toml")), described, "of the server that runs");
  const status = await wachpost("config", "status", "--data", data);
  assert.match(status.stdout, /holds settings that passed their trial\.\n.*runs with them/);
  const applied = await wachpost("config", "apply", join(data, "wachpost.toml"), "--data", data);
  assert.equal(applied.status, 1);
  assert.match(applied.stderr, /written anew at each `npm start`[^]*wachpost --config FILE start/);
  const other = join(workshop, "other");
  const held = await wachpost("try", "--data", other, "--port-offset", "10100");
  assert.equal(held.status, 1);
  assert.match(held.stderr, /127\.0\.0\.1:12625 \(smtp\) is in use by wachpost \(pid [0-9]+\)/);
  assert.match(
    (await wachpost("account", "list", "--data", other, "--json")).stdout,
    /^\[\]\s*$/,
    "nor an account whose password nobody saw",
  );

  const asked_ms = Date.now();
  assert.equal(await first.end("SIGINT"), 0);
  assert.ok(Date.now() - asked_ms < STOP_MS);
  assert.deepEqual(leftovers(data), [], "nothing half done is left");

  await using second = await startTry(data, 10_100);
  assert.equal(second.ready.password, undefined, "shown once and never again");
  assert.deepEqual(
    second.ready.selfTest.filter(({ ok }) => !ok),
    [],
  );
  assert.equal(readFileSync(second.ready.ca, "utf8").includes("BEGIN CERTIFICATE"), true);
  const again = (await inbox(second, password)) ?? assert.fail("the password works no more");
  assert.equal(again.match(/^Subject: Welcome/gm)?.length, 1, "the mail is kept, and no second one came");
  assert.equal(await second.end("SIGTERM"), 0);
});

/** Files of work under way: SQLite's write-ahead log with content, spooled messages. */
function leftovers(data: string): string[] {
  return (readdirSync(data, { recursive: true }) as string[]).filter((name) => {
    const { size } = statSync(join(data, name));
    return (name.endsWith("-wal") && size > 0) || /^spool\/./.test(name) || name.endsWith(".new");
  });
}

test("a session under way at SIGINT ends politely", async () => {
  await using trial = await startTry(join(workshop, "busy"), 10_200);
  const smtp = await RawClient.plain(trial.ready.ports.smtp);
  await smtp.reply();
  await smtp.say("EHLO here.test");
  const imap = await RawClient.tls(trial.ready.ports.imaps, { ca: readFileSync(trial.ready.ca, "utf8") });
  await imap.until(/^\* OK.*\r\n/);
  const asked_ms = Date.now();
  const ended = trial.end("SIGINT");
  assert.match(await smtp.rest(STOP_MS), /^421 4\.3\.2 /);
  assert.match(await imap.rest(STOP_MS), /^\* BYE /m);
  assert.equal(await ended, 0);
  assert.ok(Date.now() - asked_ms < STOP_MS);
});

test("two fresh installations share no secret (F-01)", async () => {
  await using one = await startTry(join(workshop, "left"), 10_300);
  await using two = await startTry(join(workshop, "right"), 10_400);
  await Promise.all([one.end("SIGINT"), two.end("SIGINT")]);
  assert.notEqual(one.ready.password, two.ready.password);
  for (const file of ["tls/ca-key.pem", "tls/ca.pem", "tls/server-key.pem", "tls/server.pem"]) {
    const path = join(one.ready.data, file);
    assert.notDeepEqual(readFileSync(path), readFileSync(join(two.ready.data, file)), file);
    assert.equal(statSync(path).mode & 0o077, 0, `${file} is ours alone`);
  }
  const secrets = [one, two].map(({ ready }) => secretsOf(ready.data));
  const [left = [], right = []] = secrets;
  assert.ok(left.length >= 4, `salts, hashes, keys: ${left.length}`);
  assert.deepEqual(
    left.filter((secret) => right.includes(secret)),
    [],
  );
});

/** Every value long enough to be a secret, from the tables and columns that hold them. */
function secretsOf(data: string): string[] {
  const db = new DatabaseSync(join(data, "store/mail.db"), { readOnly: true });
  const tables = db.prepare("SELECT name FROM sqlite_schema WHERE type = 'table'").all();
  const values = tables
    .map(({ name }) => String(name))
    .filter((name) => /account|credential|setting|signing|key/.test(name) && !name.startsWith("journal"))
    .flatMap((name) => db.prepare(`SELECT * FROM "${name}"`).all())
    .flatMap((row) =>
      Object.entries(row).filter(([column]) => /salt|hash|secret|key|value|verifier/.test(column)),
    )
    .flatMap(([, value]) =>
      value instanceof Uint8Array ? [Buffer.from(value).toString("hex")] : [String(value)],
    )
    .filter((value) => value.length >= 16);
  db.close();
  return values;
}
