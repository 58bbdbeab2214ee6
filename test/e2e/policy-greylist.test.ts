/** A suspicious client is put off on the wire, remembered in the store, and its story is told. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, before, test } from "node:test";
import { createTransport } from "nodemailer";
import { startDnsServer } from "../simulate/dns-server.ts";
import { RawClient } from "./raw-client.ts";
import { TestServer } from "./server.ts";

const ZONE = `
plain.test MX 10 mx.plain.test
mx.plain.test A 198.51.100.1
1.100.51.198.in-addr.arpa PTR mx.plain.test
host-198-51-100-7.plain.test A 198.51.100.7
7.100.51.198.in-addr.arpa PTR host-198-51-100-7.plain.test
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

async function recipientReply(client: string, sender = "anna@plain.test"): Promise<string> {
  const smtp = await RawClient.plain(server.ports.smtp);
  await smtp.reply();
  await smtp.say("EHLO proxy.test");
  await smtp.say(`XCLIENT ADDR=${client}`);
  await smtp.say("EHLO mx.plain.test");
  await smtp.say(`MAIL FROM:<${sender}>`);
  const reply = await smtp.say("RCPT TO:<you@wachpost.test>");
  await smtp.say("QUIT");
  smtp.destroy();
  return reply;
}

test("without a name: put off, once and again at once, and remembered by network", async () => {
  const reply = await recipientReply("198.51.100.66");
  assert.match(reply, /^450 4\.7\.1 .*Greylisted/);
  assert.match(await recipientReply("198.51.100.67"), /^450 4\.7\.1 /);
  const rows = JSON.parse(server.cliOk("access", "list", "greylist", "--json")) as { key: string }[];
  assert.deepEqual(
    rows.map(({ key }) => key),
    ["198.51.100.0/24 anna@plain.test you@wachpost.test"],
  );
  const id = /\(([0-9a-z]{12})\)\r\n$/.exec(reply)?.[1] ?? assert.fail(reply);
  assert.match(await server.explained(id), /have to come a second time/);
});

test("with a confirmed name: taken", async () => {
  assert.match(await recipientReply("198.51.100.1"), /^250 2\.1\.5 /);
});

test("with a name that was made from the address: put off, in both languages", async () => {
  const reply = await recipientReply("198.51.100.7");
  assert.match(reply, /^450 4\.7\.1 /);
  const id = /\(([0-9a-z]{12})\)\r\n$/.exec(reply)?.[1] ?? assert.fail(reply);
  assert.match(await server.explained(id, "de"), /wie ihn Anbieter den Anschlüssen ihrer Kunden geben/);
  assert.match(await server.explained(id), /wachpost allow 198\.51\.100\.7 /);
});

test("whom our users have written to is not put off", async () => {
  assert.match(await recipientReply("198.51.100.66", "Otto@plain.test"), /^450 4\.7\.1 /);
  const ca = readFileSync(server.authorityFile);
  const transport = createTransport({
    host: "localhost",
    port: server.ports.submissions,
    secure: true,
    auth: { user: server.login(), pass: server.password() },
    tls: { ca },
  });
  await transport.sendMail({ from: server.login(), to: "otto@plain.test", subject: "x", text: "x" });
  transport.close();
  assert.match(await recipientReply("198.51.100.66", "Otto@plain.test"), /^250 2\.1\.5 /);
  assert.doesNotMatch(server.cliOk("access", "list", "correspondents"), /otto/i);
});
