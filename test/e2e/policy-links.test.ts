/** A link to a listed name files the message as junk on a fresh server; what is told of it names the command for an exception. */
import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { after, before, test } from "node:test";
import { startDnsServer } from "../simulate/dns-server.ts";
import { RawClient } from "./raw-client.ts";
import { TestServer } from "./server.ts";

const ZONE = `
plain.test MX 10 mx.plain.test
mx.plain.test A 198.51.100.1
1.100.51.198.in-addr.arpa PTR mx.plain.test
test.dbl.spamhaus.org A 127.0.1.2
www.pills.test.dbl.spamhaus.org A 127.0.1.2
2.0.0.127.multi.surbl.org A 127.0.0.254
2.0.0.127.multi.uribl.com A 127.0.0.1
pills.test.multi.uribl.com A 127.0.0.1
`;

let server: TestServer;
let dns: Awaited<ReturnType<typeof startDnsServer>>;
before(async () => {
  dns = await startDnsServer({ zone: ZONE });
  server = await TestServer.start({
    toml: `[dns]\nservers = ["127.0.0.1:${dns.port}"]\n`,
    smtpToml: 'xclient_from = ["127.0.0.1"]',
  });
});
after(async () => {
  await server[Symbol.asyncDispose]();
  dns.close();
});

/** Queue id of a message from a stranger with good manners. */
async function send(body: string): Promise<string> {
  const smtp = await RawClient.plain(server.ports.smtp);
  await smtp.reply();
  await smtp.say("EHLO proxy.test");
  await smtp.say("XCLIENT ADDR=198.51.100.1");
  await smtp.say("EHLO mx.plain.test");
  await smtp.say("MAIL FROM:<anna@plain.test>");
  assert.match(await smtp.say("RCPT TO:<you@wachpost.test>"), /^250 /);
  assert.match(await smtp.say("DATA"), /^354 /);
  const reply = await smtp.say(`From: anna@plain.test\r\nSubject: x\r\n${body}\r\n.`);
  await smtp.say("QUIT");
  smtp.destroy();
  return /^250 .* queued as ([0-9a-zA-Z]+)\r\n$/.exec(reply)?.[1] ?? assert.fail(reply);
}

const told = (id: string, language: "en" | "de"): Promise<string> => server.explained(id, language);

const HTML = "Content-Type: text/html\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n";
const LINK = `${HTML}<a href=3D"http://www.pi=\r\nlls.test/x">hello</a>`;

test("a listed link: junk, with the reason and the command for an exception in both languages", async () => {
  const id = await send(LINK);
  const english = await told(id, "en");
  assert.match(english, /filed as junk in the mailbox Junk/);
  assert.match(english, /links to www\.pills\.test, which the list dbl\.spamhaus\.org names/);
  assert.match(english, /wachpost access add links www\.pills\.test OK --reason/);
  assert.match(await told(id, "de"), /verweist auf www\.pills\.test/);
});

test("no links, unlisted links: the inbox, and nothing of URIBL's refusal counts", async () => {
  assert.match(await told(await send(`\r\nhttp://www.example.test`), "en"), /mailbox INBOX/);
});

test("replay: the recorded answers judge the links again under other rules", async () => {
  const strict = `${server.directory}/strict.toml`;
  writeFileSync(
    strict,
    'hostname = "x.test"\n[policy]\nend_of_data = "reject_rhsbl_body dbl.spamhaus.org"\n',
  );
  const replayed = server.cliOk("policy", "replay", "--with", strict);
  assert.match(replayed, /permit -> reject: 1/);
  assert.match(replayed, /reject_rhsbl_body dbl\.spamhaus\.org/);
});

test("PREPEND: the field stands in the message that was delivered", async () => {
  server.cliOk("access", "add", "recipients", "you@wachpost.test", "PREPEND X-Told: yes", "--reason", "test");
  await new Promise((resolve) => setTimeout(resolve, 1_500));
  await send(`\r\nhello`);
  const ca = readFileSync(server.authorityFile, "utf8");
  const imap = await RawClient.tls(server.ports.imaps, { ca });
  await imap.until(/^\* OK.*\r\n/);
  imap.write(
    `a LOGIN ${server.login()} "${server.password()}"\r\nb SELECT INBOX\r\nc FETCH * BODY.PEEK[HEADER]\r\n`,
  );
  assert.match(await imap.until(/^c OK/m), /^X-Told: yes\r\n/m);
  imap.destroy();
  server.cliOk("access", "remove", "recipients", "you@wachpost.test");
});

test("the command that was named makes the exception, within two seconds", async () => {
  server.cliOk("access", "add", "links", "pills.test", "OK", "--reason", "a customer");
  await new Promise((resolve) => setTimeout(resolve, 1_500));
  assert.match(await told(await send(LINK), "en"), /mailbox INBOX/);
});
