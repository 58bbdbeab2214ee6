/** Passwords of a running server: what ends sessions, what no longer opens any, and what the operator reads of it. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { after, before, test } from "node:test";
import { ImapFlow } from "imapflow";
import { createTransport } from "nodemailer";
import { RawClient } from "./raw-client.ts";
import { TestServer } from "./server.ts";

let server: TestServer;
let ca: string;
before(async () => {
  server = await TestServer.start({
    users: ["anna", "bert", "carl"],
    toml: "[passwords]\nadmin_max_age_days = 90",
  });
  ca = readFileSync(server.authorityFile, "utf8");
});
after(() => server[Symbol.asyncDispose]());

/** Ended sessions are cut after four seconds at most; the rest is for a busy machine. */
const SOON_MS = 20_000;

async function appPassword(user: string, ...more: string[]): Promise<{ id: number; password: string }> {
  const made = await server.cliLater(
    "account",
    "app-password",
    "add",
    server.login(user),
    "phone",
    "--json",
    ...more,
  );
  return JSON.parse(made.stdout) as { id: number; password: string };
}

async function imap(user: string, password: string): Promise<ImapFlow> {
  const client = new ImapFlow({
    host: "localhost",
    port: server.ports.imaps,
    secure: true,
    tls: { ca },
    auth: { user: server.login(user), pass: password },
    logger: false,
  });
  client.on("error", () => {});
  await client.connect();
  return client;
}

async function pop3(user: string, password: string): Promise<RawClient> {
  const { client, said } = await popLogin(user, password);
  assert.match(said, /^\+OK/);
  return client;
}

async function popAnswer(user: string, password: string): Promise<string> {
  const { client, said } = await popLogin(user, password);
  client.destroy();
  return said;
}

async function popLogin(user: string, password: string): Promise<{ client: RawClient; said: string }> {
  const client = await RawClient.tls(server.ports.pop3s, { ca });
  await client.until(/^\+OK.*\r\n/);
  client.write(`USER ${server.login(user)}\r\n`);
  await client.until(/^\+OK.*\r\n/);
  client.write(`PASS ${password}\r\n`);
  return { client, said: await client.until(/^[+-].*\r\n/) };
}

const plain = (user: string, password: string): string =>
  Buffer.from(`\0${server.login(user)}\0${password}`).toString("base64");

async function submission(user: string, password: string): Promise<{ client: RawClient; said: string }> {
  const client = await RawClient.tls(server.ports.submissions, { ca });
  await client.reply();
  await client.say("EHLO client.test");
  return { client, said: await client.say(`AUTH PLAIN ${plain(user, password)}`) };
}

test("a revoked app password ends its IMAP, POP3 and submission sessions, and nobody else's", async () => {
  const { id, password } = await appPassword("anna");
  const mail = await imap("anna", password);
  const pop = await pop3("anna", password);
  const { client: smtp, said } = await submission("anna", password);
  assert.match(said, /^235/);
  const other = await imap("anna", server.password("anna"));
  const mailClosed = once(mail, "close", { signal: AbortSignal.timeout(SOON_MS) });
  const revoked = await server.cliLater(
    "account",
    "app-password",
    "remove",
    server.login("anna"),
    String(id),
  );
  assert.equal(revoked.status, 0, revoked.stderr);
  await mailClosed;
  assert.match(await pop.rest(SOON_MS), /^-ERR \[AUTH\] This login is no longer valid/);
  assert.match(await smtp.rest(SOON_MS), /^421 4\.7\.0 This login is no longer valid/);
  await other.noop();
  assert.ok(other.usable);
  other.close();
  await assert.rejects(imap("anna", password));
});

test("a scoped app password opens its protocol only; its last use is known", async () => {
  const { password } = await appPassword("bert", "--only", "imap");
  (await imap("bert", password)).close();
  const { client, said } = await submission("bert", password);
  assert.match(said, /^535 5\.7\.8/);
  client.destroy();
  assert.match(await popAnswer("bert", password), /^-ERR \[AUTH\]/);
  const transport = createTransport({
    host: "localhost",
    port: server.ports.submissions,
    secure: true,
    tls: { ca },
    auth: { user: server.login("bert"), pass: password },
  });
  await assert.rejects(transport.verify(), /535/);
  const shown = server.cliOk("account", "show", server.login("bert"));
  assert.match(shown, /^app [0-9]+ +phone +imap +\S+ \S+Z +0 days +20/m);
});

test("app passwords only: sessions of the own password end, new ones are refused", async () => {
  const login = server.login("bert");
  const mail = await imap("bert", server.password("bert"));
  const closed = once(mail, "close", { signal: AbortSignal.timeout(SOON_MS) });
  const switched = await server.cliLater("account", "app-passwords-only", login, "on");
  assert.equal(switched.status, 0, switched.stderr);
  await closed;
  await assert.rejects(imap("bert", server.password("bert")));
  assert.match(await popAnswer("bert", server.password("bert")), /^-ERR \[AUTH\]/);
  const { client, said } = await submission("bert", server.password("bert"));
  client.destroy();
  assert.match(said, /^535 5\.7\.8/);
  assert.match(server.cliOk("account", "list"), /bert@\S+ .*app passwords only/);
  const carl = server.cli("account", "app-passwords-only", server.login("carl"), "on");
  assert.match(carl.stderr, /no app password.*\n.*app-password add/);
});

test("a changed password and a disabled account end sessions, also one that sends a message", async () => {
  const { client } = await submission("carl", server.password("carl"));
  await client.say(`MAIL FROM:<${server.login("carl")}>`);
  await client.say(`RCPT TO:<${server.login("anna")}>`);
  assert.match(await client.say("DATA"), /^354/);
  client.write("Subject: half\r\n\r\n");
  const mail = await imap("carl", server.password("carl"));
  const closed = once(mail, "close", { signal: AbortSignal.timeout(SOON_MS) });
  await server.cliLater("account", "disable", server.login("carl"));
  await closed;
  assert.doesNotMatch(await client.rest(SOON_MS), /^250/m);
  assert.ok(client.closed);
  await server.cliLater("account", "enable", server.login("carl"));
  const again = await imap("carl", server.password("carl"));
  const over = once(again, "close", { signal: AbortSignal.timeout(SOON_MS) });
  await server.cliLater("account", "password", server.login("carl"));
  await over;
});

test("`account logins` tells who logged in, from where, with which password, and who failed", async () => {
  const outcomes = async (): Promise<readonly string[]> => {
    const { stdout } = await server.cliLater("account", "logins", server.login("bert"), "--json");
    const rows = JSON.parse(stdout) as { protocol: string; outcome: string; password?: string }[];
    return rows.map(({ protocol, outcome, password }) => `${protocol} ${outcome} ${password ?? "-"}`);
  };
  const rows = await outcomes();
  for (const row of ["imap ok phone", "smtp wrong -", "imap ok password", "imap wrong -"])
    assert.ok(rows.includes(row), `${row} in ${rows.join("; ")}`);
  const text = server.cliOk("account", "logins", server.login("bert"), "--limit", "1");
  assert.match(
    text,
    /^TIME \(UTC\) +PROTOCOL +FROM +OUTCOME +PASSWORD\n20\S+ \S+ +smtp +127\.0\.0\.1 +wrong/,
  );
  assert.match(text, /Only app passwords open this account/);
});
