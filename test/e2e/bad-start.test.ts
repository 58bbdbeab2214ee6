/** Everything that can keep a server from starting: each is named with what to do, and no data are touched. */
import assert from "node:assert/strict";
import { createHash, randomBytes } from "node:crypto";
import { once } from "node:events";
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { createServer, type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { after, before, test } from "node:test";
import { letter, lettersOf, strangerAt, transact } from "./mail-programs.ts";
import { run, type Ran } from "./programs.ts";
import { ageStore, onStore } from "../upgrade/old-store.ts";
import { LAUNCHER, TestServer } from "./server.ts";
import { mountTmpfs, mountable } from "./tmpfs.ts";

/** A stopped server whose data are worth keeping, copied for each case. */
let template: TestServer;
let workshop: string;
before(async () => {
  template = await TestServer.start({ users: ["you"] });
  const client = await strangerAt(template);
  const kept = letter("friend@elsewhere.test", template.login(), "kept");
  assert.match(await transact(client, "friend@elsewhere.test", [template.login()], kept), /^250 /);
  client.destroy();
  await template.stop();
  workshop = mkdtempSync(join(tmpdir(), "wachpost-bad-start-"));
});
after(async () => {
  await template[Symbol.asyncDispose]();
  rmSync(workshop, { recursive: true, force: true });
});

const wachpost = (...args: string[]): Promise<Ran> => run(process.execPath, [LAUNCHER, ...args]);

let cases = 0;
/** A directory of its own with the template's data and its configuration, changed as the case wants. */
function copyOfTemplate(change: (toml: string) => string = (toml) => toml): { data: string; config: string } {
  const directory = join(workshop, String(cases++));
  const data = join(directory, "data");
  mkdirSync(directory);
  cpSync(join(template.directory, "data"), data, { recursive: true });
  const toml = readFileSync(template.config, "utf8").replaceAll(join(template.directory, "data"), data);
  return { data, config: configured(directory, change(toml)) };
}

function configured(directory: string, toml: string): string {
  const config = join(directory, "wachpost.toml");
  writeFileSync(config, toml);
  return config;
}

/** Every row of every table and every octet of the other files: SQLite may tidy its own files. */
function contents(data: string): string {
  const hash = createHash("sha256");
  for (const name of (readdirSync(data, { recursive: true }) as string[]).toSorted()) {
    const path = join(data, name);
    if (/mail\.db|server\.(lock|pid)|^settings/.test(name) || !statSync(path).isFile()) continue;
    hash.update(`${name}\0`).update(readFileSync(path));
  }
  const db = new DatabaseSync(join(data, DATABASE));
  const tables = db.prepare("SELECT name, sql FROM sqlite_schema ORDER BY name").all();
  hash.update(JSON.stringify([tables, db.prepare("PRAGMA user_version").get()]));
  for (const { name, sql } of tables)
    if (String(sql).startsWith("CREATE TABLE"))
      hash.update(JSON.stringify(db.prepare(`SELECT * FROM "${String(name)}"`).all()));
  db.close();
  return hash.digest("hex");
}
const DATABASE = "store/mail.db";

/** `start` ends with exit code 1 and says for people and for programs what is wrong and what to do. */
async function refused(config: string, code: string, message: RegExp, remedy: RegExp): Promise<string> {
  const people = await wachpost("--config", config, "start");
  assert.equal(people.status, 1, people.stdout + people.stderr);
  const own = people.stderr.split("\n").filter((line) => !line.startsWith("{"));
  assert.match(own[0] ?? "", /^wachpost: /);
  assert.match(own.join("\n"), message);
  assert.match(own.at(-2) ?? "", /^ {2}-> .+\.$/);
  assert.match(own.at(-2) ?? "", remedy);
  assert.doesNotMatch(people.stderr, /\n {4}at /, "no stack");
  const programs = await wachpost("--config", config, "start", "--json");
  assert.equal(programs.status, 1);
  const error = JSON.parse(programs.stderr.trim().split("\n").at(-1) ?? "") as Record<string, unknown>;
  assert.equal(error["ok"], false);
  assert.equal(error["code"], code);
  assert.match(String(error["message"]), message);
  assert.match(String(error["remedy"]), remedy);
  return String(error["message"]);
}

test("a port in use: the port, the listener and the process are named", async () => {
  const { data, config } = copyOfTemplate();
  const holder = createServer().listen(template.ports.imaps, "127.0.0.1");
  await once(holder, "listening");
  const before = contents(data);
  try {
    const where = `127\\.0\\.0\\.1:${template.ports.imaps} \\(imaps\\) is in use by .+ \\(pid ${process.pid}\\)`;
    await refused(config, "port-in-use", new RegExp(where), /Stop that process|another port/);
  } finally {
    holder.close();
  }
  assert.equal(contents(data), before);
});

test("a second server on the same data: its process is named, the first goes on", async () => {
  await template.start();
  try {
    const free = createServer().listen(0, "127.0.0.1");
    await once(free, "listening");
    const { port } = free.address() as AddressInfo;
    free.close();
    const directory = join(workshop, String(cases++));
    mkdirSync(directory);
    const toml = readFileSync(template.config, "utf8").replace(`${template.ports.smtp}`, String(port));
    const config = configured(directory, toml);
    const who = new RegExp(`another server, process ${template.pid}$`, "m");
    await refused(config, "store-locked", who, /Stop the other process/);
    assert.match((await lettersOf(template))[0]?.text ?? "", /Subject: kept/);
  } finally {
    await template.stop();
  }
});

test("a newer schema is left alone", async () => {
  const { data, config } = copyOfTemplate();
  const file = join(data, DATABASE);
  const db = new DatabaseSync(file);
  db.exec("PRAGMA user_version = 999; PRAGMA wal_checkpoint(TRUNCATE)");
  db.close();
  const before = contents(data);
  await refused(config, "store-newer-schema", /has schema 999, .*knows schemas up to \d+/, /later one/);
  assert.equal(contents(data), before);
});

test("an older schema that cannot be brought to this one's is left alone", async () => {
  const { data, config } = copyOfTemplate();
  const store = join(data, DATABASE, "..");
  ageStore(store, 2);
  onStore(store, "CREATE TABLE report (in_the_way TEXT)");
  const before = readFileSync(join(data, DATABASE));
  await refused(config, "upgrade-trial", /went wrong on a copy: .*not touched/, /npm install -g wachpost@/);
  assert.ok(readFileSync(join(data, DATABASE)).equals(before));
});

test("a broken database: garbage, another program's, cut short", async () => {
  const broken: readonly [name: string, breakIt: (file: string) => void][] = [
    ["garbage", (file) => writeFileSync(file, randomBytes(64 * 1024))],
    ["text", (file) => writeFileSync(file, "this is no database\n".repeat(1000))],
    ["zeroes inside", (file) => writeFileSync(file, readFileSync(file).fill(0, 100, 8192))],
    ["cut short", (file) => writeFileSync(file, readFileSync(file).subarray(0, 5000))],
    ["another program's", (file) => anotherProgram(file, 1)],
    ["another program's without a version", (file) => anotherProgram(file, 0)],
  ];
  for (const [name, breakIt] of broken) {
    const { data, config } = copyOfTemplate();
    const file = join(data, DATABASE);
    rmSync(`${file}-wal`, { force: true });
    rmSync(`${file}-shm`, { force: true });
    breakIt(file);
    const before = readFileSync(file);
    await refused(config, "store-corrupt", /wachpost|store|database/, /restore the last backup/);
    assert.ok(readFileSync(file).equals(before), `${name}: untouched`);
  }
});

function anotherProgram(file: string, version: number): void {
  rmSync(file);
  const db = new DatabaseSync(file);
  db.exec(`CREATE TABLE notes (text); PRAGMA user_version = ${version}; PRAGMA application_id = 7`);
  db.close();
}

test("a data directory below a regular file", async () => {
  const { config } = copyOfTemplate();
  const toml = readFileSync(config, "utf8");
  writeFileSync(config, toml.replace(/^data = .*$/m, `data = "${join(config, "data")}"`));
  const message = await refused(
    config,
    "data-directory",
    /data directory .* cannot be made/,
    /another directory/,
  );
  assert.ok(message.includes(join(config, "data")), message);
});

test("a data directory on a read-only disk", { skip: mountable() }, async () => {
  const directory = join(workshop, String(cases++));
  mkdirSync(directory);
  using disk = mountTmpfs(directory, "64m");
  const data = join(directory, "data");
  cpSync(join(template.directory, "data"), data, { recursive: true });
  const outside = join(workshop, String(cases++));
  mkdirSync(outside);
  const toml = readFileSync(template.config, "utf8").replaceAll(join(template.directory, "data"), data);
  const config = configured(outside, toml);
  const before = readFileSync(join(data, DATABASE));
  disk.remount("ro");
  await refused(config, "store-readonly", new RegExp(data), /writable/);
  assert.deepEqual(readFileSync(join(data, DATABASE)), before);
  disk.remount("rw");
});

test("a wrong configuration: line, setting, likely name", async () => {
  const cases: readonly [name: string, change: (toml: string) => string, want: RegExp][] = [
    [
      "mistyped",
      (t) => `hostnam = "x.test"\n${t}`,
      /toml:1: hostnam: no such setting\. Did you mean hostname\?/,
    ],
    [
      "mistyped below",
      (t) => `${t}\n[queue]\nfirst_rety_s = 20\n`,
      /toml:\d+: queue\.first_rety_s: no such setting\. Did you mean queue\.first_retry_s\?/,
    ],
    ["too small", (t) => `${t}\n[queue]\nfirst_retry_s = 1\n`, /toml:\d+: queue\.first_retry_s: .*>=10/],
    [
      "wrong kind",
      (t) => `${t}\n[queue]\nfirst_retry_s = "soon"\n`,
      /queue\.first_retry_s: expected (int|number)/,
    ],
    ["no port", (t) => t.replace(/port = \d+/, "port = 70000"), /listeners\.smtp\.port: .*<=65535/],
    [
      "no name",
      (t) => t.replace(/^hostname = .*$/m, 'hostname = "not a name"'),
      /toml:1: hostname: is not a domain name/,
    ],
    ["missing", (t) => t.replace(/^hostname = .*$/m, ""), /toml: hostname: is missing/],
    ["not TOML", (t) => `${t}\n[queue\n`, /toml:\d+: not TOML/],
    ["empty", () => "", /hostname: is missing/],
  ];
  const { data, config } = copyOfTemplate();
  const good = readFileSync(config, "utf8");
  const before = contents(data);
  for (const [name, change, want] of cases) {
    writeFileSync(config, change(good));
    await refused(config, "config-invalid", want, /docs\/settings\.md/).catch((error: unknown) => {
      throw new Error(name, { cause: error });
    });
    if (!name.startsWith("mistyped")) continue;
    const checked = await wachpost("check", config);
    assert.equal(checked.status, 1, "`check` finds the same");
    assert.match(checked.stderr, want);
  }
  assert.equal(contents(data), before);
});

test("no configuration at all", async () => {
  await refused(
    join(workshop, "none.toml"),
    "config-unreadable",
    /none\.toml does not exist/,
    /--config FILE/,
  );
  await refused(workshop, "config-unreadable", /cannot be read \(EISDIR\)/, /--config FILE/);
});

test("a certificate without key, a key without certificate, neither PEM", async () => {
  const { data, config } = copyOfTemplate();
  const toml = readFileSync(config, "utf8");
  const pem = join(data, "tls/server.pem");
  const key = join(data, "tls/server-key.pem");
  const garbage = join(config, "../garbage.pem");
  writeFileSync(garbage, "no PEM at all\n");
  const cases: readonly [settings: string, code: string, want: RegExp][] = [
    [`certificate = "${pem}"`, "file-unreadable", /tls\.key is missing/],
    [`key = "${key}"`, "file-unreadable", /tls\.certificate is missing/],
    [
      `certificate = "${pem}"\nkey = "/nowhere/key.pem"`,
      "file-unreadable",
      /tls\.key: \/nowhere\/key\.pem cannot be read/,
    ],
    [`certificate = "${garbage}"\nkey = "${key}"`, "certificate-unusable", /tls\.certificate/],
    [`certificate = "${pem}"\nkey = "${garbage}"`, "certificate-unusable", /tls\.key/],
    [
      `certificate = "${pem}"\nkey = "${join(data, "tls/ca-key.pem")}"`,
      "certificate-unusable",
      /do not belong together/,
    ],
  ];
  const before = contents(data);
  for (const [settings, code, want] of cases) {
    writeFileSync(config, `${toml}\n[tls]\n${settings}\n`);
    await refused(config, code, want, /tls\.certificate and tls\.key belong together/);
  }
  assert.equal(contents(data), before);
});

test("after all that the data serve as before", async () => {
  await template.start();
  assert.match((await lettersOf(template))[0]?.text ?? "", /Subject: kept/);
  assert.equal(await template.stop(), 0);
});

test("wrong use of the command: exit code 2 and a suggestion", async () => {
  const mistyped = await wachpost("strat");
  assert.equal(mistyped.status, 2);
  assert.match(mistyped.stderr, /unknown command 'strat'\s+\(Did you mean start\?\)/);
  assert.equal((await wachpost("try", "--port-offset", "many")).status, 2);
});
