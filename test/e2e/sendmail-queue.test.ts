/** The operator's commands beside a running server: sendmail, queue, domains, accounts, addresses, backup. */
import assert from "node:assert/strict";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { startDnsServer } from "../simulate/dns-server.ts";
import { arrival, letter, lettersOf, strangerAt, submissionOf, transact } from "./mail-programs.ts";
import { RawClient } from "./raw-client.ts";
import { freePort, TestServer, type CliResult } from "./server.ts";

let server: TestServer;
let dns: Awaited<ReturnType<typeof startDnsServer>>;
before(async () => {
  dns = await startDnsServer({ zone: "away.test MX 10 mx.away.test\nmx.away.test A 127.0.0.7\n" });
  server = await TestServer.start({
    users: ["you", "anna", "bert"],
    // Nobody listens there: what is sent away waits.
    toml: `[outbound]\nport = ${await freePort("127.0.0.7")}\n[dns]\nservers = ["127.0.0.1:${dns.port}"]\n`,
  });
});
after(async () => {
  await server[Symbol.asyncDispose]();
  dns.close();
});

/** A command that must be refused, with a code, in words and a way out. */
function refusedBy(result: CliResult, code: string, words: RegExp): void {
  assert.equal(result.status, 1, result.stdout);
  const error = JSON.parse(result.stderr.trim().split("\n").at(-1) ?? "") as Record<string, unknown>;
  assert.equal(error["code"], code);
  assert.equal(error["ok"], false);
  assert.match(String(error["message"]), words);
  assert.ok(String(error["remedy"]).length > 10);
}

/** One message from outside; the last reply. */
async function fromOutside(to: string, subject: string, octets = 0): Promise<string> {
  const client = await strangerAt(server);
  const filler = `${"x".repeat(70)}\r\n`.repeat(Math.ceil(octets / 72));
  const message = `${letter("friend@elsewhere.test", to, subject)}${filler}`;
  const answer = await transact(client, "friend@elsewhere.test", [to], message);
  client.destroy();
  return answer;
}

type Queued = {
  readonly id: string;
  readonly held: boolean;
  readonly recipients: { readonly address: string }[];
};
const queued = (): Queued[] => JSON.parse(server.cliOk("queue", "list", "--json")) as Queued[];

test("sendmail: here and away, with Bcc removed; refusals", async () => {
  const text = `From: you@wachpost.test\nTo: anna@wachpost.test\nBcc: bert@wachpost.test\nSubject: by-sendmail\n\nline\n.\nlast\n`;
  const sent = await server.cliWith(text, "sendmail", "-t", "-i", "--json", "x@away.test");
  assert.equal(sent.status, 0, sent.stderr);
  assert.deepEqual({ ...JSON.parse(sent.stdout), id: "" }, { id: "", delivered: 2, queued: 1 });
  for (const user of ["anna", "bert"]) {
    const found = await arrival(server, user, /Subject: by-sendmail/);
    assert.doesNotMatch(found, /^Bcc:/m);
    assert.match(found, /\r\nline\r\n\.\r\nlast\r\n$/);
    assert.match(found, /^Return-Path: <you@wachpost\.test>\r$/m);
  }
  const refusals: readonly [input: string, args: string[], code: string, words: RegExp][] = [
    ["Subject: x\n\nx\n", ["anna@wachpost.test"], "no-sender", /-f ADDRESS/],
    ["From: x@away.test\n\nx\n", ["anna@wachpost.test"], "sender-not-ours", /x@away\.test/],
    [text, ["-f", "you@wachpost.test"], "no-recipients", /-t/],
    [text, ["not an address"], "bad-recipient", /not an address/],
  ];
  for (const [input, args, code, words] of refusals)
    refusedBy(await server.cliWith(input, "sendmail", "--json", ...args), code, words);
  const unknown = await server.cliWith(text, "sendmail", "--json", "nobody@wachpost.test");
  assert.equal(unknown.status, 1);
  assert.match(unknown.stderr, /nobody@wachpost\.test/);
});

test("queue: list, hold, flush, release, drop", async () => {
  const entry = queued().find(({ recipients }) => recipients[0]?.address === "x@away.test") ?? assert.fail();
  server.cliOk("queue", "hold", entry.id);
  assert.equal(queued()[0]?.held, true);
  assert.match(server.cliOk("queue"), new RegExp(`${entry.id} .* you@wachpost\\.test +x@away\\.test +held`));
  server.cliOk("queue", "release", entry.id);
  assert.equal(queued()[0]?.held, false);
  assert.deepEqual(JSON.parse(server.cliOk("queue", "flush", entry.id, "--json")), { flushed: 1 });
  server.cliOk("queue", "drop", entry.id);
  assert.deepEqual(queued(), []);
  assert.match(server.cliOk("queue"), /The queue is empty/);
  for (const verb of ["hold", "release", "flush", "drop"])
    refusedBy(server.cli("queue", verb, entry.id, "--json"), "not-queued", new RegExp(entry.id));
});

test("domains: add, keys, remove; refusals", () => {
  server.cliOk("domain", "add", "second.test");
  assert.match(server.cliOk("domain", "list"), /^second\.test$/m);
  assert.match(server.cliOk("domain", "keys", "second.test"), /_domainkey\.second\.test\.? .*v=DKIM1/);
  for (const [args, words] of [
    [["add", "second.test"], /second\.test/],
    [["add", "not a domain"], /not a domain/],
    [["remove", "third.test"], /third\.test/],
    [["remove", "wachpost.test"], /wachpost\.test/],
  ] as const) {
    const result = server.cli("domain", ...args, "--json");
    assert.equal(result.status, 1, args.join(" "));
    assert.match(result.stderr, words);
  }
  server.cliOk("domain", "remove", "second.test");
  assert.doesNotMatch(server.cliOk("domain", "list"), /second/);
});

test("accounts: weak and common passwords, unknown domains and doubles are refused", async () => {
  for (const weak of ["short", "password123456", "123456789012345", ""]) {
    const result = await server.cliWith(
      `${weak}\n`,
      "account",
      "add",
      "weak@wachpost.test",
      "--password-stdin",
    );
    assert.equal(result.status, 1, weak);
    assert.match(result.stderr, /^ {2}-> /m);
  }
  for (const login of ["you@wachpost.test", "you@elsewhere.test", "no address"])
    assert.equal(server.cli("account", "add", login, "--json").status, 1, login);
  assert.doesNotMatch(server.cliOk("account", "list", "--json"), /weak|elsewhere|hash|argon/);
  assert.equal(server.cli("account", "remove", "anna@wachpost.test").status, 2, "not without --yes");
});

test("a disabled account neither logs in nor receives", async () => {
  server.addUser("gone");
  assert.match(await fromOutside("gone@wachpost.test", "before"), /^250 /);
  server.cliOk("account", "disable", "gone@wachpost.test");
  assert.match(await fromOutside("gone@wachpost.test", "while"), /^[45]5\d [45]\.2\.1 /);
  await assert.rejects(submissionOf(server, "gone"), /535 5\.7\.8/);
  server.cliOk("account", "enable", "gone@wachpost.test");
  assert.match(await fromOutside("gone@wachpost.test", "after"), /^250 /);
  assert.equal((await lettersOf(server, "gone")).length, 2);
});

test("a full mailbox: 452 4.2.2, and what was accepted stays", async () => {
  server.addUser("small", "--quota", "20K");
  assert.match(await fromOutside("small@wachpost.test", "fits", 10_000), /^250 /);
  assert.match(await fromOutside("small@wachpost.test", "too-much", 15_000), /^452 4\.2\.2 /);
  assert.deepEqual(
    (await lettersOf(server, "small")).map(({ text }) => /Subject: (.*)\r/.exec(text)?.[1]),
    ["fits"],
  );
  server.cliOk("account", "quota", "small@wachpost.test", "1M");
  assert.match(await fromOutside("small@wachpost.test", "now-it-fits", 15_000), /^250 /);
});

test("aliases here and away, catch-all, user+tag, postmaster@", async () => {
  server.cliOk(
    "address",
    "add",
    "team@wachpost.test",
    "anna@wachpost.test",
    "bert@wachpost.test",
    "z@away.test",
  );
  assert.match(await fromOutside("team@wachpost.test", "for-the-team"), /^250 /);
  await arrival(server, "anna", /Subject: for-the-team/);
  await arrival(server, "bert", /Subject: for-the-team/);
  assert.deepEqual(
    queued().map(({ recipients }) => recipients.map(({ address }) => address)),
    [["z@away.test"]],
  );
  assert.match(server.cliOk("address", "list"), /team@wachpost\.test +alias +anna@.*z@away\.test/);

  assert.match(await fromOutside("anna+lists@wachpost.test", "tagged"), /^250 /);
  await arrival(server, "anna", /Subject: tagged/);
  assert.match(await fromOutside("anybody@wachpost.test", "no-catch-all"), /^550 5\.1\.1 /);
  server.cliOk("address", "add", "*@wachpost.test", "bert@wachpost.test");
  assert.match(await fromOutside("anybody@wachpost.test", "caught"), /^250 /);
  await arrival(server, "bert", /Subject: caught/);
  server.cliOk("address", "remove", "*@wachpost.test");
  assert.match(await fromOutside("anybody@wachpost.test", "no-more"), /^550 5\.1\.1 /);
  refusedBy(
    server.cli("address", "remove", "never@wachpost.test", "--json"),
    "no-address",
    /never@wachpost\.test/,
  );

  for (const role of ["postmaster@wachpost.test", "abuse@wachpost.test", "Postmaster"])
    assert.match(await fromOutside(role, `role-${role}`), /^250 /);
  await arrival(server, "you", /Subject: role-Postmaster/);
  await arrival(server, "you", /Subject: role-abuse/);
});

test("backup while mail comes in, restore elsewhere: the same uids and passwords", async () => {
  const client = await RawClient.tls(server.ports.imaps, { ca: readFileSync(server.authorityFile, "utf8") });
  await client.until(/^\* OK.*\r\n/);
  client.write(
    `a LOGIN ${server.login("anna")} ${server.password("anna")}\r\nb SELECT INBOX\r\nc STORE 1 +FLAGS (\\Deleted)\r\nd EXPUNGE\r\n`,
  );
  const uidValidity = /UIDVALIDITY (\d+)/.exec(await client.until(/^d OK.*\r\n/m))?.[1];
  client.destroy();
  const target = join(server.directory, "backup");
  const [backup, ...answers] = await Promise.all([
    server.cliLater("backup", target),
    ...Array.from({ length: 5 }, (_, i) => fromOutside("bert@wachpost.test", `meanwhile-${i}`)),
  ]);
  assert.equal(backup?.status, 0, backup?.stderr);
  assert.ok(answers.every((answer) => answer.startsWith("250 ")));
  refusedBy(server.cli("backup", target, "--json"), "store-io", /backup/);
  const before = await lettersOf(server, "anna");

  await using other = await TestServer.create({ users: [] });
  const data = join(other.directory, "data");
  assert.equal(other.cli("restore", target, "--data", data).status, 1, "not over existing data");
  const fresh = join(other.directory, "restored");
  assert.equal(server.cli("restore", target, "--data", fresh).status, 0);
  writeFileSync(other.config, readFileSync(other.config, "utf8").replace(data, fresh));
  mkdirSync(join(other.directory, "data/tls"), { recursive: true });
  writeFileSync(other.authorityFile, readFileSync(join(fresh, "tls/ca.pem")));
  for (const user of ["anna", "bert"]) other.passwords.set(user, server.password(user));
  await other.start();
  assert.deepEqual(await lettersOf(other, "anna"), before);
  assert.ok((await lettersOf(other, "bert")).length >= 3);
  const again = await RawClient.tls(other.ports.imaps, { ca: readFileSync(other.authorityFile, "utf8") });
  await again.until(/^\* OK.*\r\n/);
  again.write(`a LOGIN ${server.login("anna")} ${server.password("anna")}\r\nb SELECT INBOX\r\n`);
  assert.equal(/UIDVALIDITY (\d+)/.exec(await again.until(/^b OK.*\r\n/m))?.[1], uidValidity);
  again.destroy();
  assert.ok(readdirSync(target).includes("store"));
});
