/** Show 4: a running server is backed up and comes back elsewhere with the same uids, flags, queue, keys and passwords. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { lastBackup, recordBackup, type BackupState } from "../../src/backup/state.ts";
import { census } from "../../src/store/sqlite/census.ts";
import { openForReading } from "../../src/store/sqlite/database.ts";
import { letter, lettersOf, strangerAt, submit, transact } from "../e2e/mail-programs.ts";
import { RawClient } from "../e2e/raw-client.ts";
import { TestServer } from "../e2e/server.ts";
import { mountable, mountTmpfs } from "../e2e/tmpfs.ts";
import { openAt } from "../store/engine.ts";

/** Nobody answers at port 1: what is sent stays in the queue. */
const NOWHERE = `[[outbound.transports]]
domain = "*"
host = "127.0.0.1"
port = 1
tls = "none"
`;

let server: TestServer;
let workshop: string;
let key: string;
let archives: string;
let appPassword: string;

before(async () => {
  workshop = mkdtempSync(join(tmpdir(), "wachpost-backup-"));
  key = join(workshop, "key");
  archives = join(workshop, "archives");
  server = await TestServer.start({ users: ["you", "other"], toml: NOWHERE });
  const stranger = await strangerAt(server);
  for (let i = 0; i < 8; i++) {
    const text = letter("friend@elsewhere.test", server.login(), `kept-${i}`);
    assert.match(await transact(stranger, "friend@elsewhere.test", [server.login()], text), /^250 /);
  }
  stranger.destroy();
  await submit(
    server,
    "you",
    "friend@127.0.0.1.test",
    letter(server.login(), "friend@127.0.0.1.test", "waits"),
  );
  appPassword = (
    JSON.parse(
      server.cliOk("account", "app-password", "add", server.login(), "phone", "--json").trim() || "{}",
    ) as {
      password: string;
    }
  ).password;
  const client = await imap(server, server.password());
  await client.say("s SELECT INBOX", /^s OK/m);
  await client.say("f UID STORE 2,4 +FLAGS (\\Seen $Work)", /^f OK/m);
  await client.say("g UID STORE 3 +FLAGS (\\Deleted)", /^g OK/m);
  await client.say("h UID EXPUNGE 3", /^h OK/m);
  client.destroy();
  server.cliOk("backup", "key", key);
});
after(async () => {
  await server[Symbol.asyncDispose]();
  rmSync(workshop, { recursive: true, force: true });
});

type Client = RawClient & { say(line: string, answer: RegExp): Promise<string> };
async function imap(at: TestServer, password: string): Promise<Client> {
  const ca = readFileSync(at.authorityFile, "utf8");
  const client = await RawClient.tls(at.ports.imaps, { ca, host: at.host });
  await client.until(/^\* OK.*\r\n/);
  const talking = Object.assign(client, {
    async say(line: string, answer: RegExp): Promise<string> {
      client.write(`${line}\r\n`);
      return client.until(answer);
    },
  }) as Client;
  await talking.say(`l LOGIN ${at.login()} ${password}`, /^l OK/m);
  return talking;
}

function censusOf(data: string): unknown {
  using db = openForReading(join(data, "store/mail.db"));
  return census(db);
}

const json = <T>(text: string): T => JSON.parse(text) as T;

test("an archive of the running server, restored elsewhere, is the same server", async () => {
  const want = censusOf(join(server.directory, "data"));
  const made = json<{ backup: string }>(server.cliOk("backup", archives, "--key-file", key, "--json"));
  const octets = readFileSync(made.backup);
  for (const secret of ["kept-1", "PRIVATE KEY", "SQLite format", server.login()])
    assert.equal(octets.includes(secret), false, `${secret} stands open in the archive`);
  assert.equal(statSync(made.backup).mode & 0o777, 0o600);
  assert.deepEqual(
    readdirSync(join(server.directory, "data")).filter((name) => /staging/.test(name)),
    [],
  );

  await using again = await TestServer.create({ users: [] });
  const data = join(again.directory, "data");
  const full = again.cli("restore", archives, "--key-file", key, "--data", data);
  assert.match(full.stderr, /is not empty/);
  rmSync(data, { recursive: true });
  again.cliOk("restore", archives, "--key-file", key, "--data", data);
  assert.deepEqual(censusOf(data), want, "uids, flags, queue, keys, DKIM, credentials, journal");
  for (const name of readdirSync(join(server.directory, "data/tls")))
    assert.ok(
      readFileSync(join(data, "tls", name)).equals(readFileSync(join(server.directory, "data/tls", name))),
      name,
    );
  assert.equal(statSync(join(data, "tls/server-key.pem")).mode & 0o777, 0o600);

  // It runs, knows the passwords, and gives out no uid twice.
  again.passwords.set("you", server.password());
  await again.start();
  assert.deepEqual(
    (await lettersOf(again)).map(({ uid }) => uid),
    [1, 2, 4, 5, 6, 7, 8],
  );
  const client = await imap(again, appPassword);
  assert.match(await client.say("s SELECT INBOX", /^s OK/m), /\$Work/);
  client.destroy();
  const queue = json<{ id: string }[]>(again.cliOk("queue", "--json"));
  assert.equal(queue.length, 1);
});

test("a trial restore is made, recorded, and says when an archive is bad", () => {
  const data = join(server.directory, "data");
  assert.match(server.cliOk("backup", "drill", archives, "--key-file", key), /can be restored: 7 messages/);
  const good = lastBackup(data);
  assert.ok(good?.drillOk === true && (good.drillAt ?? 0) >= good.at && good.at > Date.now() - 600_000);
  const spoilt = join(workshop, "spoilt.backup");
  const octets = readFileSync(good.file);
  octets[octets.length - 100] = (octets[octets.length - 100] ?? 0) ^ 1;
  writeFileSync(spoilt, octets);
  const bad = server.cli("backup", "drill", spoilt, "--key-file", key);
  assert.equal(bad.status, 1);
  assert.match(bad.stderr, /The archive .*spoilt\.backup is damaged: piece \d+ is not what was written/);
  assert.equal(lastBackup(data)?.drillOk, false);
  const target = join(workshop, "nothing");
  assert.match(server.cli("restore", spoilt, "--key-file", key, "--data", target).stderr, /is damaged/);
  assert.deepEqual(readdirSync(target), []);
  assert.deepEqual(
    readdirSync(data).filter((name) => /drill/.test(name)),
    [],
  );
  assert.match(server.cliOk("backup", "list", archives), /Last trial restore: .*FAILED/);
  assert.match(server.cli("backup", "drill", archives).stderr, /the key is not known/);
});

test("one mailbox or one message comes back into the living server, once", async () => {
  const archive = join(archives, readdirSync(archives)[0] ?? "");
  const restored = (...more: string[]) =>
    json<{ messages: number; there: number }>(
      server.cliOk("restore", archive, "--key-file", key, "--account", server.login(), ...more, "--json"),
    );
  assert.equal(restored("--mailbox", "INBOX", "--message", "<kept-5@program.test>").messages, 1);
  assert.deepEqual(
    (await lettersOf(server, "you", "Restored/INBOX")).map(({ text }) => /Subject: (.*)\r/.exec(text)?.[1]),
    ["kept-5"],
  );
  const whole = restored("--mailbox", "INBOX");
  assert.deepEqual([whole.messages, whole.there], [6, 1]);
  assert.equal((await lettersOf(server)).length, 7, "INBOX itself is as it was");
  await using store = await openAt(join(server.directory, "data/store"));
  const account = await store.directory.accountByLogin(server.login());
  const row = account && (await store.mail.mailboxByName(account.id, "Restored/INBOX"));
  assert.ok(row);
  const flags: string[] = [];
  for await (const rows of store.mail.messages(row.id, await store.mail.uids(row.id)))
    for (const one of rows) flags.push(`${one.flags.system} ${one.flags.keywords.join()}`);
  assert.deepEqual(flags.filter((one) => one === "1 $Work").length, 2);
  const none = server.cli(
    "restore",
    archive,
    "--key-file",
    key,
    "--account",
    server.login(),
    "--mailbox",
    "None",
  );
  assert.match(none.stderr, /holds no mailbox None.*\n.*It holds: .*INBOX/);
});

test("a full disk: the backup fails, older ones stay, nothing half is left", { skip: mountable() }, () => {
  const disk = join(workshop, "small");
  mkdirSync(disk);
  using _mounted = mountTmpfs(disk, "64k");
  const directory = join(disk, "archives");
  mkdirSync(directory);
  const old = join(directory, "wachpost-20260101T030000Z.backup");
  writeFileSync(old, "an older one");
  const failed = server.cli("backup", directory, "--key-file", key, "--keep-daily", "1");
  assert.equal(failed.status, 1);
  assert.match(failed.stderr, /not enough space.*older ones are as they were\.\n {2}-> Free space/);
  assert.deepEqual(readdirSync(directory), ["wachpost-20260101T030000Z.backup"]);
  assert.equal(readFileSync(old, "utf8"), "an older one");
});

/** Waits for what the server does by itself. */
async function drilled(data: string, good: (state: BackupState) => boolean): Promise<BackupState> {
  for (let i = 0; i < 600; i++) {
    const state = lastBackup(data);
    if (state?.drillAt !== undefined && good(state)) return state;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  return assert.fail(JSON.stringify(lastBackup(data)));
}

const DAY_MS = 86_400_000;

test("the running server backs itself up as configured, drills, and removes what is outdated", async () => {
  const directory = join(workshop, "by-itself");
  mkdirSync(directory);
  for (const day of ["01", "02", "03"])
    writeFileSync(join(directory, `wachpost-202601${day}T030000Z.backup`), "old");
  const password = join(workshop, "relay-password");
  writeFileSync(password, "of the smarthost\n", { mode: 0o600 });
  const smarthost = `[[outbound.transports]]\ndomain = "*"\nhost = "127.0.0.1"\nport = 1\nuser = "us"\npassword_file = "${password}"\n`;
  const toml = `[backup]\ndirectory = "${directory}"\nkey_file = "${key}"\nkeep_daily = 2\nkeep_weekly = 0\nkeep_monthly = 0\n${smarthost}`;
  await using other = await TestServer.start({ toml });
  const data = join(other.directory, "data");
  const state = await drilled(data, () => true);
  assert.equal(state.drillOk, true, JSON.stringify(state));
  assert.ok(existsSync(state.file));
  assert.equal(readdirSync(directory).length, 2);

  // An empty host gets its configuration back, the files that it names, and everything as its server's own.
  const restored = join(workshop, "restored");
  const asNobody = process.getuid?.() === 0 ? ["--user", "nobody"] : [];
  server.cliOk("restore", state.file, "--key-file", key, "--data", restored, ...asNobody);
  const there = (name: string): string => readFileSync(join(restored, name), "utf8");
  assert.match(there("wachpost.toml.backup"), /keep_daily = 2/);
  assert.equal(there(join("named-files.backup", password)), "of the smarthost\n");
  assert.equal(
    existsSync(join(restored, "named-files.backup", key)),
    false,
    "the key is no part of what it opens",
  );
  if (asNobody.length > 0) {
    const wanted = Number(execFileSync("id", ["-u", "nobody"], { encoding: "utf8" }));
    const owners = readdirSync(restored, { recursive: true, encoding: "utf8" }).map(
      (name) => statSync(join(restored, name)).uid,
    );
    assert.deepEqual(new Set([...owners, statSync(restored).uid]), new Set([wanted]));
  }
  // What came back with it is no part of the next one, where it would stand beside the present one.
  const next = join(workshop, "of-the-restored");
  server.cliOk("backup", next, "--key-file", key, "--data", restored);
  assert.match(
    server.cliOk("backup", "drill", next, "--key-file", key, "--data", restored),
    /can be restored/,
  );

  // A drill that failed is made again the next day, not the next month.
  await other.stop();
  recordBackup(data, {
    ...state,
    drillOk: false,
    drillDetail: "the disk",
    drillAt: Date.now() - 1.1 * DAY_MS,
  });
  await other.start();
  await drilled(data, ({ drillOk }) => drillOk === true);
});
