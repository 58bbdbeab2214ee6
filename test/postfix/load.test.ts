/** The whole move: a Postfix on disk, its import, the load, and a server that people reach with their old passwords. */
import assert from "node:assert/strict";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { after, before, test } from "node:test";
import { systemClock } from "../../src/base/clock.ts";
import { silentLog } from "../../src/base/log.ts";
import { openStore } from "../../src/store/sqlite/open.ts";
import { startDnsServer } from "../simulate/dns-server.ts";
import { RawClient } from "../e2e/raw-client.ts";
import { TestServer } from "../e2e/server.ts";

const OLD_PASSWORD = "old imap password";
const OLD_HASH =
  "$6$rounds=5000$oldserver1$DFgaJ9.bA.cn0LIxzCuZsgr2EqI2XW7BCeEE9.qLeKQyGcLbkCt57mX4vunctuUv0pY2HT/V3e0GMPSH8FJjX1";
const BERTS_HASH = "$2y$08$abcdefghijklmnopqrstuuLL4awaVLT35MiN.HUGvWTYIsMcC0WZ2";

const OLD_SERVER: Readonly<Record<string, string>> = {
  "etc/postfix/main.cf": `
myhostname = mail.example.net
mydestination = localhost
virtual_mailbox_domains = example.net
virtual_alias_maps = hash:/etc/postfix/virtual
smtpd_client_restrictions = check_client_access cidr:/etc/postfix/networks,
  check_client_access hash:/etc/postfix/clients, check_helo_access pcre:/etc/postfix/helo,
  check_client_access hash:/etc/postfix/nothing
`,
  "etc/postfix/virtual":
    "info@example.net anna@example.net, far@elsewhere.example\n@example.net bert@example.net\n",
  "etc/postfix/networks":
    "203.0.113.7 OK\n203.0.113.0/24 REJECT a network of robots\n203.0.113.8 OK\n2001:db8::/32 DISCARD\n",
  "etc/postfix/clients": "198.51.100.66 REJECT go away\n192.0.2.0/24 OK\n198.51.100.67 FILTER nonsense\n",
  "etc/postfix/helo": "/^evil/ REJECT\n",
  "etc/postfix/nothing": "# nobody yet\n",
  "etc/dovecot/users": [
    `anna@example.net:{SHA512-CRYPT}${OLD_HASH}::::`,
    `bert@example.net:{CRYPT}${BERTS_HASH}::::`,
    "carl@example.net:{PLAIN}secret::::",
    "dora@example.net:{SHA512-CRYPT}$6$damaged$hash::::",
    "emil@example.org:{SHA512-CRYPT}$6$damaged$hash::::",
  ].join("\n"),
};

const ZONE = `
66.100.51.198.in-addr.arpa PTR host.elsewhere.example
host.elsewhere.example A 198.51.100.66
`;

type Entry = { kind: string; name: string; state: string; note?: string; password?: string };
type Load = { ok: boolean; counts: Record<string, number>; entries: Entry[] };

let server: TestServer;
let dns: Awaited<ReturnType<typeof startDnsServer>>;
let imported: string;
let first: Load;

before(async () => {
  dns = await startDnsServer({ zone: ZONE });
  // A server whose configuration is the imported one, but for its ports and the resolver.
  const bare = await TestServer.create({ domain: "first.example", users: [] });
  const root = join(bare.directory, "old");
  for (const [name, text] of Object.entries(OLD_SERVER)) {
    mkdirSync(dirname(join(root, name)), { recursive: true });
    writeFileSync(join(root, name), text);
  }
  imported = join(bare.directory, "new");
  bare.cliOk("import", "postfix", join(root, "etc/postfix"), "--out", imported);
  const toml = readFileSync(join(imported, "wachpost.toml"), "utf8");
  const policy = toml.slice(toml.indexOf("[policy]")).split(/\n\n\[(?!policy)/)[0] ?? "";
  assert.match(policy, /check_client_access table:clients/);
  assert.match(policy, /check_helo_access table:helo/);
  const config = readFileSync(bare.config, "utf8")
    .replace("[listeners.smtp]\n", '[listeners.smtp]\nxclient_from = ["127.0.0.1"]\n')
    .concat(`\n[dns]\nservers = ["127.0.0.1:${dns.port}"]\n\n${policy}\n`);
  writeFileSync(bare.config, config);
  server = bare;
  const ran = server.cli("import", "load", imported, "--json");
  assert.equal(ran.status, 1, "something is refused");
  first = JSON.parse(ran.stdout) as Load;
  await server.start();
});
after(async () => {
  await server[Symbol.asyncDispose]();
  dns.close();
});

const shown = ({ kind, name, state, note = "", password }: Entry): string =>
  `${state} ${kind} ${name}${password === undefined ? "" : " (password)"}${note === "" ? "" : `: ${note}`}`;

test("import load: every entry has its line", () => {
  assert.deepEqual(first.entries.map(shown), [
    "added domain example.net",
    "added account anna@example.net: SHA512-CRYPT, until the next login",
    "added account bert@example.net: BLF-CRYPT, until the next login",
    "added account carl@example.net (password): PLAIN keeps a password as good as readable: a new one is needed",
    "added account dora@example.net (password): its SHA512-CRYPT does not read as a hash, or asks for too much work",
    "refused account emil@example.org: emil@example.org belongs to no domain of this server.",
    "added alias info@example.net",
    "added alias *@example.net",
    "added entry networks: 203.0.113.7/32 OK",
    "added entry networks: 203.0.113.0/24 REJECT a network of robots",
    "refused entry networks: 203.0.113.8/32 OK: 203.0.113.0/24 stands before it and decides",
    "refused entry networks: 2001:db8::/32 DISCARD: DISCARD would accept mail and drop it; use REJECT",
    "added entry clients: 198.51.100.66 REJECT go away",
    "refused entry clients: 192.0.2.0/24 OK: a network matches nothing in such a table of Postfix; here it would: add it by hand if it is meant",
    "refused entry clients: 198.51.100.67 FILTER nonsense: FILTER nonsense: FILTER needs transport:destination",
    "added table helo: patterns: 1",
    "added entry nothing: empty.invalid DUNNO",
  ]);
  assert.deepEqual(first.counts, { added: 12, alreadyThere: 0, refused: 5 });
});

test("import load: the second time changes nothing", async () => {
  const again = JSON.parse((await server.cliLater("import", "load", imported, "--json")).stdout) as Load;
  assert.deepEqual(
    again.entries.map(({ kind, name, state }) => `${state} ${kind} ${name}`).toSorted(),
    first.entries
      .map(({ kind, name, state }) => `${state.replace("added", "already there")} ${kind} ${name}`)
      .toSorted(),
  );
  assert.ok(again.entries.every(({ password }) => password === undefined));
});

test("patterns: a broken text is refused with line and column, and the one before goes on working", async () => {
  const file = join(server.directory, "patterns");
  writeFileSync(file, "/^good/ OK\n/(?=bad)/ REJECT\n");
  const refused = server.cli("access", "load", "helo", file, "--regexp", "--reason", "test");
  assert.equal(refused.status, 1);
  assert.match(refused.stderr, /patterns:2:[0-9]+: /);
  assert.match(
    await heloReply("evil.example.net"),
    /^554 5\.7\.1 <evil\.example\.net>: Helo command rejected/,
  );
  writeFileSync(file, "if /example/\n/^evil/ REJECT $0?\nendif\n/^ev(il)/ REJECT it is $1\n");
  assert.match(
    server.cliOk("access", "load", "helo", file, "--regexp", "--reason", "test"),
    /helo: 2 patterns/,
  );
  await new Promise((resolve) => setTimeout(resolve, 1_200));
  assert.match(await heloReply("evil.elsewhere.net"), /rejected: it is il/);
  server.cliOk(
    "access",
    "add",
    "helo",
    "evil.elsewhere.net",
    "OK",
    "--reason",
    "one entry goes before patterns",
  );
  await new Promise((resolve) => setTimeout(resolve, 1_200));
  assert.doesNotMatch(await heloReply("evil.elsewhere.net"), /Helo command/);
  const list = server.cliOk("access", "list");
  assert.match(list, /helo +regexp: +4 lines/);
  assert.match(server.cli("access", "add", "helo", "/x/", "OK", "--reason", "x").stderr, /--regexp/);
});

async function heloReply(helo: string): Promise<string> {
  const smtp = await RawClient.plain(server.ports.smtp);
  await smtp.reply();
  await smtp.say("EHLO proxy.test");
  await smtp.say("XCLIENT ADDR=198.51.100.99");
  await smtp.say(`EHLO ${helo}`);
  await smtp.say("MAIL FROM:<>");
  const reply = await smtp.say("RCPT TO:<anna@example.net>");
  smtp.destroy();
  return reply;
}

async function imapLogin(login: string, password: string): Promise<string> {
  const client = await RawClient.tls(server.ports.imaps, { ca: readFileSync(server.authorityFile, "utf8") });
  await client.until(/^\* OK.*\r\n/);
  client.write(`l LOGIN ${login} "${password}"\r\n`);
  const answer = await client.until(/^l (?:OK|NO|BAD).*\r\n/m);
  client.destroy();
  return /^l (OK|NO|BAD)/m.exec(answer)?.[1] ?? "";
}

const stateOf = async (login: string): Promise<string> => {
  const list = (await server.cliLater("account", "list")).stdout;
  return list.split("\n").find((line) => line.startsWith(login)) ?? assert.fail(list);
};

test("the old password opens the mailbox, and its hash is argon2id from then on", async () => {
  assert.match(await stateOf("anna@example.net"), /active, old hash$/);
  assert.equal(await imapLogin("anna@example.net", "not the old password"), "NO");
  assert.match(await stateOf("anna@example.net"), /old hash$/);
  assert.equal(await imapLogin("anna@example.net", OLD_PASSWORD), "OK");
  assert.match(await stateOf("anna@example.net"), /active$/);
  assert.match(await storedHash("anna@example.net"), /^\$argon2id\$/);
  assert.equal(await imapLogin("anna@example.net", OLD_PASSWORD), "OK");
  assert.equal(await imapLogin("bert@example.net", "bert was here"), "OK");
  assert.match(await storedHash("bert@example.net"), /^\$argon2id\$/);
});

test("who came with a readable password has the one that was shown", async () => {
  const made = first.entries.find(({ name }) => name === "carl@example.net")?.password ?? "";
  assert.equal(await imapLogin("carl@example.net", "secret"), "NO");
  assert.equal(await imapLogin("carl@example.net", made), "OK");
});

async function storedHash(login: string): Promise<string> {
  await using store = await openStore({
    directory: join(server.directory, "data/store"),
    log: silentLog,
    clock: systemClock,
    readOnly: true,
  });
  const account = await store.directory.accountByLogin(login);
  return (account && (await store.directory.credentials(account.id))[0]?.hash) ?? "";
}

/** The reply to RCPT, or to the first command that is refused. */
async function recipient(client: string, to: string): Promise<string> {
  const smtp = await RawClient.plain(server.ports.smtp);
  await smtp.reply();
  await smtp.say("EHLO proxy.test");
  await smtp.say(`XCLIENT ADDR=${client}`);
  const replies = [
    await smtp.say("EHLO host.elsewhere.example"),
    await smtp.say("MAIL FROM:<>"),
    await smtp.say(`RCPT TO:<${to}>`),
  ];
  smtp.destroy();
  return replies.find((reply) => !reply.startsWith("250")) ?? replies.at(-1) ?? "";
}

test("the imported tables decide: who was refused is refused, aliases lead on", async () => {
  assert.match(await recipient("198.51.100.66", "anna@example.net"), /^554 5\.7\.1 .*go away/);
  assert.match(await recipient("203.0.113.8", "anna@example.net"), /^554 5\.7\.1 .*a network of robots/);
  assert.match(await recipient("203.0.113.7", "anna@example.net"), /^250 /);
  assert.match(await recipient("198.51.100.1", "info@example.net"), /^250 /);
  assert.match(await recipient("198.51.100.1", "anybody@example.net"), /^250 /);
});

test("import load --no-passwords: who cannot log in is disabled, and no password is made", async () => {
  await using other = await TestServer.create({ domain: "first.example", users: [] });
  const ran = other.cli("import", "load", imported, "--no-passwords");
  assert.doesNotMatch(ran.stdout, /shown only now/);
  assert.match(ran.stdout, /^added +account +carl@example\.net +.*disabled: no login, no mail$/m);
  assert.match(ran.stdout, /^12 added, 0 already there, 5 refused\.$/m);
  const list = other.cliOk("account", "list");
  assert.match(list, /^carl@example\.net .* disabled$/m);
  assert.match(list, /^anna@example\.net .* active, old hash$/m);
  other.cliOk("account", "password", "carl@example.net");
  other.cliOk("account", "enable", "carl@example.net");
  assert.match(other.cliOk("account", "list"), /^carl@example\.net .* active$/m);
});

test("import load: what an operator changed since stays, and is named", async () => {
  await server.cliLater("address", "add", "info@example.net", "carl@example.net");
  await server.cliLater("access", "add", "clients", "198.51.100.66", "OK", "--reason", "made friends");
  const { entries } = JSON.parse(
    (await server.cliLater("import", "load", imported, "--json")).stdout,
  ) as Load;
  const about = (name: string): string[] => entries.filter((one) => one.name.startsWith(name)).map(shown);
  assert.deepEqual(about("info@"), ["refused alias info@example.net: leads to carl@example.net already"]);
  assert.deepEqual(about("clients: 198.51.100.66"), [
    "refused entry clients: 198.51.100.66 REJECT go away: is OK already",
  ]);
});

test("import load: a directory that is no import", async () => {
  const { status, stderr } = await server.cliLater("import", "load", server.directory);
  assert.equal(status, 1);
  assert.match(stderr, /directory\.json: ENOENT.*\n {2}-> Make it with `wachpost import postfix/);
  writeFileSync(join(server.directory, "directory.json"), '{"domains": 7}');
  const damaged = await server.cliLater("import", "load", server.directory);
  assert.match(damaged.stderr, /directory\.json: .*at domains/s);
});

test("access load: all of a file or nothing", async () => {
  const file = join(server.directory, "friends");
  const load = async (text: string, ...more: string[]): Promise<string> => {
    writeFileSync(file, text);
    const ran = await server.cliLater("access", "load", "friends", file, "--reason", "from a list", ...more);
    return `${ran.status} ${ran.stdout}${ran.stderr}`.replaceAll(file, "FILE");
  };
  const rows = async (): Promise<readonly string[]> =>
    (
      JSON.parse((await server.cliLater("access", "list", "friends", "--json")).stdout) as {
        key: string;
        value: string;
        reason: string;
      }[]
    ).map(({ key, value, reason }) => `${key} ${value} (${reason})`);
  assert.equal(
    await load("# friends\nExample.ORG OK\n192.0.2.0/24 OK\n192.0.2.7 REJECT\n"),
    "0 friends: 3 added, 0 replaced, 0 as they were.\n",
  );
  const loaded = [
    "192.0.2.0/24 OK (from a list)",
    "192.0.2.7 REJECT (from a list)",
    "example.org OK (from a list)",
  ];
  assert.deepEqual(await rows(), loaded);
  assert.equal(
    await load("a.example OK\nb.example\n\n192.0.2.0/99 OK\nc.example DISCARD\n"),
    "1 wachpost: FILE was not loaded:\n  FILE:2:10: a key without a result\n  -> Mend these lines; nothing was changed.\n",
  );
  assert.match(await load("192.0.2.0/99 OK\n"), /FILE:1:1: 192\.0\.2\.0\/99 is no network/);
  assert.match(await load("a.example OK\nc.example DISCARD\n"), /FILE:2:1: c\.example: DISCARD would accept/);
  assert.deepEqual(await rows(), loaded, "nothing changed");
  assert.match(
    await load("example.org OK\n192.0.2.7 OK\n"),
    /^0 friends: 0 added, 1 replaced, 1 as they were/,
  );
  assert.match(
    await load("2001:db8::/32 OK\n2001:db8:7::/48 REJECT\n", "--cidr", "--expires", "1d"),
    /^0 FILE:2:1: 2001:db8:7::\/48 is left out: 2001:db8::\/32 before it decides\nfriends: 1 added/,
  );
});
