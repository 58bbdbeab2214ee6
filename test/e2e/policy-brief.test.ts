/**
 * The brief's sample configuration against the listening server: the sessions of `test/policy/brief.policy`, spoken by
 * clients over the wire, are answered as the transcript says.
 */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, before, test } from "node:test";
import { startDnsServer } from "../simulate/dns-server.ts";
import { briefTranscript, type Spoken } from "./brief-sessions.ts";
import { RawClient } from "./raw-client.ts";
import { TestServer } from "./server.ts";

const brief = briefTranscript();

let server: TestServer;
let dns: Awaited<ReturnType<typeof startDnsServer>>;
before(async () => {
  dns = await startDnsServer({ zone: brief.zone.join("\n") });
  server = await TestServer.create({
    domain: "example.org",
    users: ["you"],
    toml: [
      `[dns]\nservers = ["127.0.0.1:${dns.port}"]`,
      "[policy]",
      'mynetworks = ["127.0.0.0/8"]',
      // A main.cf without these lists has none; the defaults of a fresh server are for those who name nothing.
      'client = ""\nhelo = ""\ndata = ""',
      `sender = """${brief.sender}"""`,
      `recipient = """${brief.recipient}"""`,
    ].join("\n"),
    smtpToml: 'xclient_from = ["127.0.0.1"]',
  });
  for (const { table, key, value } of brief.tables)
    server.cliOk("access", "add", table, key, value, "--reason", "sample policy");
  await server.start();
});
after(async () => {
  await server[Symbol.asyncDispose]();
  dns.close();
});

/** What the wire does otherwise than a transcript, which knows no syntax of commands; each one with its reason. */
const ON_THE_WIRE: Readonly<Record<string, RegExp>> = {
  // Two at signs are no address (RFC 5321 §4.1.2), and a sender without a domain neither: refused before any rule.
  "rcpt <a@gmail.com@example.org>": /^501 5\.1\.3 /,
  "mail <x>": /^501 5\.1\.7 /,
  // Empty labels make no HELO name (RFC 5321 §4.1.2): refused at HELO.
  "helo foo_bar..": /^501 5\.5\.2 /,
  // Who sends ahead without having seen PIPELINING is cut off by the protocol.
  early: /^554 5\.5\.0 /,
};

for (const [i, spoken] of brief.sessions.entries()) {
  test(`${i}: ${spoken.client} helo ${spoken.helo} mail ${spoken.sender}: ${spoken.line} => ${spoken.want}`, async () => {
    const got = await speak(spoken);
    const said = [spoken.early ? "early" : "", spoken.line, `mail ${spoken.sender}`, `helo ${spoken.helo}`];
    const other = said.map((line) => ON_THE_WIRE[line]).find((found) => found !== undefined);
    if (other !== undefined) {
      assert.match(got, other);
      return;
    }
    const codes = /^([0-9]{3}) ([245]\.[0-9]+\.[0-9]+)?/.exec(spoken.want);
    if (codes === null) assert.match(got, spoken.command === "data" ? /^354 / : /^250 2\.1\.5 /);
    else assert.equal(/^[0-9]{3} [0-9.]+/.exec(got)?.[0], codes[0]);
  });
}

/** One session, from the connection to the command that is judged; its reply, or that of the command that failed. */
async function speak(spoken: Spoken): Promise<string> {
  if (spoken.login) return speakLoggedIn(spoken);
  const smtp = await RawClient.plain(server.ports.smtp);
  try {
    await smtp.reply();
    await smtp.say("EHLO proxy.example.net");
    await smtp.say(`XCLIENT ADDR=${spoken.client}`);
    if (spoken.early) {
      smtp.write(`HELO ${spoken.helo}\r\nMAIL FROM:${spoken.sender}\r\nRCPT TO:${spoken.recipient}\r\n`);
      return (await smtp.rest()).split("\r\n").findLast((line) => line !== "") ?? "";
    }
    const helo = await smtp.say(`EHLO ${spoken.helo}`);
    return helo.startsWith("250") ? await transaction(smtp, spoken) : helo;
  } finally {
    smtp.destroy();
  }
}

async function speakLoggedIn(spoken: Spoken): Promise<string> {
  const ca = readFileSync(server.authorityFile, "utf8");
  const smtp = await RawClient.tls(server.ports.submissions, { ca });
  try {
    await smtp.reply();
    await smtp.say(`EHLO ${spoken.helo}`);
    const secret = Buffer.from(`\0${server.login()}\0${server.password()}`).toString("base64");
    assert.match(await smtp.say(`AUTH PLAIN ${secret}`), /^235 /);
    return await transaction(smtp, spoken);
  } finally {
    smtp.destroy();
  }
}

async function transaction(smtp: RawClient, { sender, recipient, command }: Spoken): Promise<string> {
  const mail = await smtp.say(`MAIL FROM:${sender}`);
  if (!mail.startsWith("250")) return mail;
  const rcpt = await smtp.say(`RCPT TO:${recipient}`);
  return command === "data" && rcpt.startsWith("250") ? smtp.say("DATA") : rcpt;
}

test("check names the dead zones and the dangers, and the configuration is good all the same", () => {
  const { status, stdout } = server.cli("check", "--json");
  assert.equal(status, 0);
  const { policy } = JSON.parse(stdout) as {
    policy: { severity: string; rule: string; message: string }[];
  };
  const wants: readonly (readonly [string, string, RegExp])[] = [
    ["warning", "reject_rbl_client ix.dnsbl.manitu.net", /ignored.*gone/],
    ["warning", "reject_rbl_client dnsbl.sorbs.net", /ignored.*gone/],
    ["notice", "permit_dnswl_client list.dnswl.org", /no filter/],
    ["notice", "reject_unknown_helo_hostname", /smtpd_helo_required/],
    ["notice", "reject_unknown_helo_hostname", /refuses honest mail/],
    ["notice", "check_sender_access hash:/etc/postfix/sender_checks", /forged/],
    ["warning", "reject_rbl_client b.barracudacentral.org", /registered/],
    ["warning", "reject_rbl_client noptr.spamrats.com", /key of your own/],
  ];
  for (const [severity, rule, message] of wants) {
    const found = policy.some(
      (finding) => finding.severity === severity && finding.rule === rule && message.test(finding.message),
    );
    assert.ok(found, `${severity} ${rule} ${String(message)} in ${stdout}`);
  }
});

test("the dead zones were never asked", () => {
  assert.deepEqual(
    dns.asked.filter((question) => /manitu\.net|sorbs\.net/.test(question)),
    [],
  );
  assert.ok(dns.asked.some((question) => question.includes("zen.spamhaus.org")));
});
