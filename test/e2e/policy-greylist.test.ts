/** A suspicious client is put off on the wire, remembered in the store, and its story is told. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { startDnsServer } from "../simulate/dns-server.ts";
import { RawClient } from "./raw-client.ts";
import { TestServer } from "./server.ts";

const ZONE = `
plain.test MX 10 mx.plain.test
mx.plain.test A 198.51.100.1
1.100.51.198.in-addr.arpa PTR mx.plain.test
`;

let server: TestServer;
let dns: Awaited<ReturnType<typeof startDnsServer>>;
before(async () => {
  dns = await startDnsServer({ zone: ZONE });
  server = await TestServer.start({
    toml: `[dns]\nservers = ["127.0.0.1:${dns.port}"]\n[policy]\nrecipient = "greylist_suspicious"\n`,
    smtpToml: 'xclient_from = ["127.0.0.1"]',
  });
});
after(async () => {
  await server[Symbol.asyncDispose]();
  dns.close();
});

async function recipientReply(client: string): Promise<string> {
  const smtp = await RawClient.plain(server.ports.smtp);
  await smtp.reply();
  await smtp.say("EHLO proxy.test");
  await smtp.say(`XCLIENT ADDR=${client}`);
  await smtp.say("EHLO mx.plain.test");
  await smtp.say("MAIL FROM:<anna@plain.test>");
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
  await new Promise((resolve) => setTimeout(resolve, 500));
  assert.match(server.cliOk("explain", id, "--lang", "en"), /have to come a second time/);
});

test("with a confirmed name: taken", async () => {
  assert.match(await recipientReply("198.51.100.1"), /^250 2\.1\.5 /);
});
