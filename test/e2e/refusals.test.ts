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

/** Records are written within a moment; a login and its session are records of their own. */
async function told(id: string, ...wanted: readonly RegExp[]): Promise<string> {
  const directory = join(server.directory, "data/store");
  await using store = await openStore({ directory, log: silentLog, clock: systemClock, readOnly: true });
  for (const end = Date.now() + 10_000; ;) {
    const { records } = await findRelated({ text: id, now_ms: Date.now() }, store.journal);
    const text = explain(records, "en").join("\n");
    if ((records.length > 0 && wanted.every((one) => one.test(text))) || Date.now() > end) return text;
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

const LOGGED_IN = /logged in as you@wachpost\.test/;

for (const { name, code, why, ...visit } of USERS) {
  test(`submission: ${name}`, async () => {
    const reply = await user(visit);
    assert.match(reply, new RegExp(`^${code} `));
    const text = await told(idIn(reply), LOGGED_IN, why);
    assert.match(text, LOGGED_IN);
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

const LONG = `X-Line: ${"x".repeat(70_000)}\r\n`;
const MAIL = ["EHLO mx.good.test", "MAIL FROM:<anna@good.test>"];
const TO_DATA = [...MAIL, `RCPT TO:<${YOU}>`, "DATA"];
/** What SMTP itself refuses. `door`: it concerns no message, and is counted by client and minute. */
const DIALOGUE: readonly {
  readonly name: string;
  readonly lines: readonly string[];
  readonly code: number;
  readonly why: RegExp;
  readonly door?: true;
}[] = [
  { name: "no command", lines: ["BREW coffee"], code: 500, why: /command that does not exist/, door: true },
  { name: "the web", lines: ["GET / HTTP/1.1"], code: 421, why: /language of the web/, door: true },
  {
    name: "a bare line feed",
    lines: ["EHLO a\nEHLO b"],
    code: 500,
    why: /did not end with CR LF/,
    door: true,
  },
  { name: "a bad HELO", lines: ["HELO a b"], code: 501, why: /introduce itself/, door: true },
  { name: "MAIL before EHLO", lines: ["MAIL FROM:<a@good.test>"], code: 503, why: /wrong order/, door: true },
  { name: "a bad sender", lines: ["EHLO a.test", "MAIL FROM:<<>"], code: 501, why: /malformed/, door: true },
  {
    name: "an announced size",
    lines: ["EHLO a.test", "MAIL FROM:<anna@good.test> SIZE=999999999"],
    code: 552,
    why: /anna@good\.test[^]*larger than this server takes/,
  },
  {
    name: "a bad recipient",
    lines: [...MAIL, "RCPT TO:<<>"],
    code: 501,
    why: /anna@good\.test[^]*malformed/,
  },
  {
    name: "a source route",
    lines: [...MAIL, "RCPT TO:<@a.test:b@c.test>"],
    code: 553,
    why: /anna@good\.test[^]*route/,
  },
  { name: "DATA without recipient", lines: [...MAIL, "DATA"], code: 503, why: /wrong order/ },
  {
    name: "a bare line feed in the text",
    lines: [...TO_DATA, "a\nb\r\n."],
    code: 550,
    why: /anna@good\.test[^]*line feed/i,
  },
  {
    name: "a bare carriage return in the text",
    lines: [...TO_DATA, "a\rb\r\n."],
    code: 550,
    why: /carriage return/i,
  },
  { name: "an overlong line", lines: [...TO_DATA, `${LONG}.`], code: 550, why: /line/ },
];

async function dialogue(lines: readonly string[], smtp: RawClient): Promise<string> {
  await smtp.reply();
  let last = "";
  for (const line of lines) last = await smtp.say(line);
  smtp.destroy();
  return last;
}

for (const { name, lines, code, why, door } of DIALOGUE) {
  test(`SMTP itself: ${name}`, async () => {
    const reply = await dialogue(lines, await RawClient.plain(server.ports.smtp));
    assert.match(reply, new RegExp(`^${code} `));
    const text = await told(idIn(reply));
    assert.match(text, why);
    assert.equal(/at the door \(smtp\)/.test(text), door ?? false, text);
  });
}

test("SMTP itself: one record for all errors of a kind", async () => {
  const smtp = await RawClient.plain(server.ports.smtp);
  await smtp.reply();
  const ids = new Set<string>();
  for (let i = 0; i < 5; i++) ids.add(idIn(await smtp.say("RSET x")));
  smtp.destroy();
  assert.equal(ids.size, 1);
  assert.match(await told([...ids].join()), /argument where none belongs/);
});

test("submission: no login, a wrong login", async () => {
  const ca = readFileSync(server.authorityFile);
  const without = await dialogue(
    ["EHLO a.test", `MAIL FROM:<${YOU}>`],
    await RawClient.tls(server.ports.submissions, { ca }),
  );
  assert.match(without, /^530 5\.7\.0 /);
  assert.match(await told(idIn(without)), /at the door \(submission\)[^]*without having logged in/);
  const wrong = Buffer.from(`\0${server.login()}\0guess`).toString("base64");
  const failed = await dialogue(
    ["EHLO a.test", `AUTH PLAIN ${wrong}`],
    await RawClient.tls(server.ports.submissions, { ca }),
  );
  assert.match(failed, /^535 5\.7\.8 /);
  assert.match(await told(idIn(failed)), /you@wachpost\.test/);
});

test("the command says the same", async () => {
  const reply = await user({ from: "gone@wachpost.test" });
  const id = idIn(reply);
  await told(id);
  const { status, stdout } = await server.cliLater("explain", id, "--lang", "en");
  assert.equal(status, 0);
  assert.match(stdout, new RegExp(`Session ${id}`));
});
