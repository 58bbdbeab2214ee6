/** Mail from strangers right after a start without DNS, and where only the key servers of a signature are slow. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { sealMessage } from "../../src/authentication/arc/seal.ts";
import { generatePrivateKey, readSigningKey } from "../../src/authentication/dkim/key-pair.ts";
import { startDnsServer } from "../simulate/dns-server.ts";
import { RawClient } from "./raw-client.ts";
import { freePort, TestServer } from "./server.ts";

const CLIENT = "198.51.100.66";
const ZONE = `
_dmarc.bank.test TXT v=DMARC1; p=reject
_dmarc.dark.test SERVFAIL x
slow._domainkey.slow.test TIMEOUT x
`;
/** Of a fresh server's rules only those that could do without the DNS. */
const POLICY = '[policy]\nclient = ""\nhelo = ""\nsender = ""\nrecipient = ""\n';

const letter = (author: string): string =>
  `From: <boss@${author}>\r\nTo: <you@wachpost.test>\r\nSubject: Hello\r\nDate: Tue, 24 Nov 2026 10:00:00 +0000\r\nMessage-ID: <1@test>\r\n\r\nHello.\r\n`;

/** What `slow.test` sealed: its key is asked for, and no answer comes. */
async function sealed(message: string): Promise<Buffer> {
  const privateKey = await generatePrivateKey("rsa-sha256");
  const key = readSigningKey({ domain: "slow.test", selector: "slow", algorithm: "rsa-sha256", privateKey });
  const seal = sealMessage(Buffer.from(message), key ?? assert.fail("a key"), {
    now_ms: Date.now(),
    chain: { result: "none", instances: 0 },
    authenticationResults: "slow.test; dmarc=pass header.from=bank.test",
  });
  return Buffer.concat([seal ?? assert.fail("no seal"), Buffer.from(message)]);
}

test("a start without DNS lets no forger in, nor do slow key servers of a seal", async () => {
  const port = await freePort("127.0.0.1");
  await using server = await TestServer.start({
    toml: `[dns]\nservers = ["127.0.0.1:${port}"]\n[limits]\nsignatures_s = 1\n${POLICY}`,
    smtpToml: 'xclient_from = ["127.0.0.1"]',
  });
  const send = async (message: string | Buffer): Promise<string> => {
    const smtp = await RawClient.plain(server.ports.smtp);
    await smtp.reply();
    await smtp.say("EHLO proxy.test");
    await smtp.say(`XCLIENT ADDR=${CLIENT}`);
    for (const line of ["EHLO mx.plain.test", "MAIL FROM:<x@plain.test>", "RCPT TO:<you@wachpost.test>"])
      assert.match(await smtp.say(line), /^250/);
    await smtp.say("DATA");
    smtp.write(Buffer.concat([Buffer.from(message), Buffer.from(".\r\n")]));
    const reply = await smtp.reply();
    smtp.write("QUIT\r\n");
    smtp.destroy();
    return reply;
  };
  // The resolver may come up later than the server.
  assert.match(await send(letter("dark.test")), /^451 4\.7\.0 .*dark\.test/);

  const dns = await startDnsServer({ zone: ZONE, port });
  try {
    assert.match(await send(letter("plain.test")), /^250 /);
    assert.match(await send(letter("dark.test")), /^451 4\.7\.0 .*dark\.test/);
    const forged = await send(await sealed(letter("bank.test")));
    assert.match(forged, /^550 5\.7\.26 .*bank\.test/);
    assert.ok(
      dns.asked.some((name) => name.startsWith("slow._domainkey.slow.test")),
      "the slow server was asked",
    );
  } finally {
    dns.close();
  }
});
