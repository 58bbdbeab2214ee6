/** Whoever is refused is told an id, and `wachpost explain` knows it: every kind of refusal, on the running server. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { systemClock } from "../../src/base/clock.ts";
import { silentLog } from "../../src/base/log.ts";
import { explain } from "../../src/journal/explain.ts";
import { findRelated } from "../../src/journal/find.ts";
import { openStore } from "../../src/store/sqlite/open.ts";
import { startDnsServer } from "../simulate/dns-server.ts";
import { letter } from "./mail-programs.ts";
import { RawClient } from "./raw-client.ts";
import { TestServer } from "./server.ts";

const GOOD = "198.51.100.1";
const OTHER = "198.51.100.66";
const NAMELESS = "203.0.113.9";
const BANNED = "198.51.100.77";
const BUSY = "198.51.100.88";
const CONNECTIONS_MAX = 5;
const ZONE = `
good.test MX 10 mx.good.test
mx.good.test A ${GOOD}
1.100.51.198.in-addr.arpa PTR mx.good.test
good.test TXT v=spf1 ip4:${GOOD} -all
plain.test MX 10 mx.plain.test
mx.plain.test A ${OTHER}
66.100.51.198.in-addr.arpa PTR mx.plain.test
`;

let server: TestServer;
let dns: Awaited<ReturnType<typeof startDnsServer>>;
before(async () => {
  dns = await startDnsServer({ zone: ZONE });
  server = await TestServer.create({
    toml: `[dns]\nservers = ["127.0.0.1:${dns.port}"]\n[limits]\nconnections_per_client = ${CONNECTIONS_MAX}\n`,
    smtpToml: 'xclient_from = ["127.0.0.1"]',
  });
  for (const name of ["gone", "full"]) server.addUser(name, ...(name === "full" ? ["--quota", "1000"] : []));
  server.cliOk("account", "disable", "gone@wachpost.test");
  server.cliOk("address", "add", "away@wachpost.test", "friend@plain.test");
  server.cliOk("access", "add", "bans", BANNED, "REJECT", "--reason", "test");
  await server.start();
});
after(async () => {
  await server[Symbol.asyncDispose]();
  dns.close();
});

type Visit = {
  readonly client?: string;
  readonly helo?: string;
  readonly from?: string;
  readonly mail?: string;
  readonly to?: readonly string[];
  readonly message?: string;
};

/** A session on port 25; the last reply before QUIT. */
async function stranger(visit: Visit): Promise<string> {
  const { client = GOOD, helo = "mx.good.test" } = visit;
  const smtp = await RawClient.plain(server.ports.smtp);
  await smtp.reply();
  await smtp.say("EHLO proxy.test");
  const banner = await smtp.say(`XCLIENT ADDR=${client}`);
  if (!banner.startsWith("220")) return banner;
  await smtp.say(`EHLO ${helo}`);
  return ended(smtp, visit);
}

async function user(visit: Visit): Promise<string> {
  const smtp = await RawClient.tls(server.ports.submissions, { ca: readFileSync(server.authorityFile) });
  await smtp.reply();
  await smtp.say("EHLO laptop.test");
  const plain = Buffer.from(`\0${server.login()}\0${server.password()}`).toString("base64");
  assert.match(await smtp.say(`AUTH PLAIN ${plain}`), /^235 /);
  return ended(smtp, { from: server.login(), ...visit });
}

/** The rest of a session, up to the first refusal. */
async function ended(smtp: RawClient, visit: Visit): Promise<string> {
  const { from = "anna@good.test", mail = "", to = ["you@wachpost.test"], message } = visit;
  let last = await smtp.say(`MAIL FROM:<${from}>${mail}`);
  for (const one of to) if (last.startsWith("250")) last = await smtp.say(`RCPT TO:<${one}>`);
  if (last.startsWith("250") && message !== undefined) {
    assert.match(await smtp.say("DATA"), /^354 /);
    smtp.write(`${message}.\r\n`);
    last = await smtp.reply();
  }
  await smtp.say("QUIT");
  smtp.destroy();
  return last;
}

/** One line of a refusal ends with the id in parentheses. */
const idIn = (reply: string): string => /\(([0-9a-z]{12})\)\r\n$/.exec(reply)?.[1] ?? assert.fail(reply);

/** Records are written within a moment. */
async function told(id: string): Promise<string> {
  const directory = join(server.directory, "data/store");
  await using store = await openStore({ directory, log: silentLog, clock: systemClock, readOnly: true });
  for (const end = Date.now() + 10_000; ;) {
    const { records } = await findRelated({ text: id, now_ms: Date.now() }, store.journal);
    if (records.length > 0 || Date.now() > end) return explain(records, "en").join("\n");
    await new Promise((resolve) => void setTimeout(resolve, 50));
  }
}

const plain = (from: string, more = ""): string => `${more}${letter(from, "you@wachpost.test", "refused")}`;
const LOOP = "Received: from a by b; Mon, 30 Nov 2026 00:00:00 +0000\r\n".repeat(101);
const HUGE = `X-Long: ${"x".repeat(900)}\r\n`.repeat(1200);
const LARGE = `${plain("anna@good.test")}${"x".repeat(70)}\r\n`.repeat(20);
const YOU = "you@wachpost.test";

const STRANGERS: readonly (Visit & { readonly name: string; readonly code: number; readonly why: RegExp })[] =
  [
    {
      name: "relaying",
      to: ["x@elsewhere.test"],
      code: 554,
      why: /x@elsewhere\.test/,
    },
    { name: "no such user", to: ["nobody@wachpost.test"], code: 550, why: /nobody@wachpost\.test/ },
    { name: "a disabled mailbox", to: ["gone@wachpost.test"], code: 550, why: /disabled/ },
    {
      name: "a full mailbox, announced",
      mail: " SIZE=5000",
      to: ["full@wachpost.test"],
      code: 452,
      why: /mailbox of full@wachpost\.test is full/,
    },
    {
      name: "a full mailbox, at the end of DATA",
      to: ["full@wachpost.test"],
      message: LARGE,
      code: 452,
      why: /mailbox of full@wachpost\.test is full/,
    },
    { name: "a rule", helo: "wachpost.test", code: 550, why: /wachpost\.test/ },
    { name: "the greylist", client: NAMELESS, from: "x@plain.test", code: 450, why: /second time/ },
    {
      name: "mail that cannot be forwarded",
      client: OTHER,
      from: "x@plain.test",
      to: ["away@wachpost.test"],
      message: plain("x@plain.test"),
      code: 550,
      why: /Neither SPF nor a DKIM/,
    },
    { name: "a mail loop", message: plain("anna@good.test", LOOP), code: 554, why: /runs in a circle/ },
    {
      name: "an endless header",
      message: plain("anna@good.test", HUGE),
      code: 552,
      why: /header of the message was larger/,
    },
    { name: "a ban", client: BANNED, code: 421, why: /was refused at the door[^]*banned/ },
  ];

for (const { name, code, why, ...visit } of STRANGERS) {
  test(`port 25: ${name}`, async () => {
    const reply = await stranger(visit);
    assert.match(reply, new RegExp(`^${code} `));
    assert.match(await told(idIn(reply)), why);
  });
}

const USERS: readonly (Visit & { readonly name: string; readonly code: number; readonly why: RegExp })[] = [
  {
    name: "a sender of somebody else",
    from: "gone@wachpost.test",
    code: 553,
    why: /gone@wachpost\.test is not an address of the login you@/,
  },
  { name: "no such user", to: ["nobody@wachpost.test"], code: 550, why: /nobody@wachpost\.test/ },
  { name: "half an address", to: ["x@elsewhere"], code: 504, why: /has no full domain/ },
  {
    name: "a From of somebody else",
    message: plain("boss@elsewhere.test"),
    code: 550,
    why: /From or Sender field/,
  },
  { name: "two From fields", message: plain(YOU, `From: ${YOU}\r\n`), code: 550, why: /more than one From/ },
  { name: "a mail loop", message: plain(YOU, LOOP), code: 554, why: /runs in a circle/ },
  {
    name: "an endless header",
    message: plain(YOU, HUGE),
    code: 552,
    why: /header of the message was larger/,
  },
  {
    name: "a full mailbox",
    to: ["full@wachpost.test"],
    message: LARGE.replaceAll("anna@good.test", YOU),
    code: 452,
    why: /mailbox of full@wachpost\.test is full/,
  },
];

for (const { name, code, why, ...visit } of USERS) {
  test(`submission: ${name}`, async () => {
    const reply = await user(visit);
    assert.match(reply, new RegExp(`^${code} `));
    const text = await told(idIn(reply));
    assert.match(text, /logged in as you@wachpost\.test/);
    assert.match(text, why);
  });
}

test("port 25: mail for a mailbox and mail to be forwarded, without SPF", async () => {
  const reply = await stranger({ client: OTHER, from: "x@plain.test", to: [YOU, "away@wachpost.test"] });
  assert.match(reply, /^452 4\.5\.3 /);
  assert.match(await told(idIn(reply)), /one after the other/);
});

test("port 25: too many connections at once", async () => {
  const open: RawClient[] = [];
  let greeting = "";
  while (open.length <= CONNECTIONS_MAX && !greeting.startsWith("421")) {
    const client = await RawClient.plain(server.ports.smtp, "127.0.0.1", "127.0.0.5");
    open.push(client);
    greeting = await client.reply();
  }
  for (const client of open) client.destroy();
  assert.match(greeting, /^421 4\.7\.0 Too many connections/);
  assert.match(await told(idIn(greeting)), /127\.0\.0\.5 was refused at the door/);
});

test("port 25: too much mail in a minute", async () => {
  const smtp = await RawClient.plain(server.ports.smtp);
  await smtp.reply();
  await smtp.say("EHLO proxy.test");
  await smtp.say(`XCLIENT ADDR=${BUSY}`);
  await smtp.say("EHLO mx.good.test");
  let reply = "";
  for (let i = 0; i < 200 && !reply.startsWith("450"); i++) {
    reply = await smtp.say("MAIL FROM:<x@plain.test>");
    await smtp.say("RSET");
  }
  smtp.destroy();
  assert.match(reply, /^450 4\.7\.1 Too much mail/);
  assert.match(await told(idIn(reply)), /was refused at the door/);
});

test("the command says the same", async () => {
  const reply = await user({ from: "gone@wachpost.test" });
  const id = idIn(reply);
  await told(id);
  const { status, stdout } = await server.cliLater("explain", id, "--lang", "en");
  assert.equal(status, 0);
  assert.match(stdout, new RegExp(`Session ${id}`));
});
