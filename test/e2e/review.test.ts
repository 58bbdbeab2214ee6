/** Attacks thought of by somebody who read the code, against the listening server: none of them gets through. */
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import { after, before, test } from "node:test";
import { startDnsServer } from "../simulate/dns-server.ts";
import { RawClient } from "./raw-client.ts";
import { TestServer } from "./server.ts";

const ATTACKER = "198.51.100.66";
const ZONE = `
bank.test MX 10 mx.bank.test
mx.bank.test A 198.51.100.1
bank.test TXT v=spf1 ip4:198.51.100.1 -all
_dmarc.bank.test TXT v=DMARC1; p=reject
plain.test MX 10 mx.plain.test
mx.plain.test A ${ATTACKER}
plain.test TXT v=spf1 ip4:${ATTACKER} -all
`;

let server: TestServer;
let dns: Awaited<ReturnType<typeof startDnsServer>>;
let ca: string;
before(async () => {
  dns = await startDnsServer({ zone: ZONE });
  server = await TestServer.start({
    users: ["you", "victim"],
    toml: `[dns]\nservers = ["127.0.0.1:${dns.port}"]\n`,
    smtpToml: 'xclient_from = ["127.0.0.1"]',
  });
  ca = readFileSync(server.authorityFile, "utf8");
});
after(async () => {
  await server[Symbol.asyncDispose]();
  dns.close();
});

/** A stranger's letter: the reply to its last octet. */
async function stranger(message: string): Promise<string> {
  const smtp = await RawClient.plain(server.ports.smtp);
  await smtp.reply();
  await smtp.say("EHLO proxy.test");
  await smtp.say(`XCLIENT ADDR=${ATTACKER}`);
  await smtp.say("EHLO mx.plain.test");
  assert.match(await smtp.say("MAIL FROM:<x@plain.test>"), /^250/);
  assert.match(await smtp.say(`RCPT TO:<${server.login()}>`), /^250/);
  assert.match(await smtp.say("DATA"), /^354/);
  const answer = await smtp.say(`${message}\r\n.`);
  smtp.destroy();
  return answer;
}

/** The same of our own user. */
async function user(message: string): Promise<string> {
  const smtp = await RawClient.tls(server.ports.submissions, { ca });
  await smtp.reply();
  await smtp.say("EHLO me");
  const token = Buffer.from(`\0${server.login()}\0${server.password()}`).toString("base64");
  assert.match(await smtp.say(`AUTH PLAIN ${token}`), /^235/);
  assert.match(await smtp.say(`MAIL FROM:<${server.login()}>`), /^250/);
  assert.match(await smtp.say(`RCPT TO:<${server.login("victim")}>`), /^250/);
  assert.match(await smtp.say("DATA"), /^354/);
  const answer = await smtp.say(`${message}\r\n.`);
  smtp.destroy();
  return answer;
}

async function newest(who: string, mailbox = "INBOX"): Promise<string> {
  const client = await RawClient.tls(server.ports.imaps, { ca });
  await client.until(/^\* OK.*\r\n/);
  client.write(
    `l LOGIN ${server.login(who)} ${server.password(who)}\r\ns SELECT ${mailbox}\r\nf FETCH * BODY.PEEK[]\r\n`,
  );
  const text = await client.until(/^f (OK|BAD|NO).*\r\n/m);
  client.destroy();
  return text;
}

// A reader picks one of the authors, and the attacker wrote both (C-13).
const forgeries: readonly [name: string, header: string][] = [
  ["several From fields", "From: ceo@bank.test\r\nFrom: x@plain.test"],
  ["several From fields, the other way round", "From: x@plain.test\r\nFrom: ceo@bank.test"],
  ["two authors of two domains", "From: ceo@bank.test, x@plain.test"],
  ["a group", "From: Bank: ceo@bank.test, x@plain.test;"],
  ["an address after the address", "From: ceo@bank.test <x@plain.test"],
  ["NUL in the middle", "From: ceo@bank.test\0, x@plain.test"],
  ["blank before the colon", "From : ceo@bank.test\r\nFrom: x@plain.test"],
  ["folded name", "From:\r\n ceo@bank.test"],
  ["route", "From: <@plain.test:ceo@bank.test>"],
  ["comment as domain", "From: ceo@(x@plain.test)bank.test"],
  ["trailing dot", "From: ceo@bank.test."],
  ["upper case", "From: CEO@BANK.TEST"],
  ["words after the domain", "From: <ceo@bank.test x@plain.test>"],
  ["nothing but a group", "From: ceo@bank.test:;"],
  ["no From at all", "To: you@wachpost.test"],
  ["name in brackets, then another", "From: <ceo@bank.test> <x@plain.test>"],
];
for (const [name, header] of forgeries) {
  test(`a bank's name without its signature: ${name}`, async () => {
    const subject = `forged-${randomUUID()}`;
    const answer = await stranger(`${header}\r\nSubject: ${subject}\r\n\r\nPay.`);
    if (answer.startsWith("250")) assert.match(await newest("you", "Junk"), new RegExp(subject));
    else assert.match(answer, /^55\d /);
  });
}

const strangersInFrom: readonly [name: string, header: string][] = [
  ["too long to read", `From: you@wachpost.test, ${"a ".repeat(1_200)}<ceo@bank.test>`],
  ["subaddress with another domain inside", "From: you+ceo@bank.test@wachpost.test"],
  ["angle in angle", "From: <ceo@bank.test <you@wachpost.test>"],
  ["brackets left open", "From: you+ <ceo@bank.test> @wachpost.test"],
  ["line feed as end of header", "From: you@wachpost.test\r\nX: y\n\r\nFrom: ceo@bank.test"],
  ["NUL in From", "From: you@wachpost.test\r\nFrom\0: ceo@bank.test"],
  ["folded Sender", "From: you@wachpost.test\r\nSender:\r\n <ceo@bank.test>"],
];
for (const [name, header] of strangersInFrom) {
  test(`a login's header names only what it owns: ${name} (D-24)`, async () => {
    const answer = await user(`${header}\r\nSubject: whose\r\n\r\nx`);
    assert.match(answer, /^55\d /);
  });
}

test("a colleague cannot write our findings himself (C-23)", async () => {
  const forged = "Authentication-Results: mail.wachpost.test; dmarc=pass header.from=bank.test";
  assert.match(await user(`${forged}\r\nFrom: ${server.login()}\r\nSubject: results\r\n\r\nx`), /^250/);
  assert.doesNotMatch(await newest("victim"), /dmarc=pass/);
});

test("a header that would keep everybody waiting is refused", async () => {
  assert.match(await stranger(`${"X: y\r\n".repeat(200_000)}From: x@plain.test\r\n\r\nx`), /^552 5\.3\.4 /);
  const long = `${"X: y\r\n".repeat(100_000)}From: x@plain.test\r\n\r\nx`;
  assert.match(await stranger(long), /^250 /);
  const body = `From: x@plain.test\r\n\r\n${"x\r\n".repeat(400_000)}`;
  assert.match(await stranger(body), /^250 /);
});
