import assert from "node:assert/strict";
import { duplexPair } from "node:stream";
import { describe, test } from "node:test";
import { ManualClock } from "../../src/base/clock.ts";
import { parseIp, type IpAddress } from "../../src/base/ip.ts";
import { SocketConnection } from "../../src/net/socket-connection.ts";
import type { ChannelBinding } from "../../src/sasl/exchange.ts";
import { scramClient } from "../../src/sasl/scram-client.ts";
import { defaultLimits } from "../../src/smtp/limits.ts";
import { serveSmtp } from "../../src/smtp/server.ts";
import { parseDialog } from "./smtp/dialog.ts";
import { LOGIN, PASSWORD } from "./smtp/memory-backend.ts";
import { DialogClient, playInMemory, SmtpStage } from "./smtp/stage.ts";

const play = (text: string): Promise<SmtpStage> => playInMemory(parseDialog("inline", text));

const TLS = `offers: tls
S: 220 *
C: EHLO client.example.org
S*8: 250-*
S: 250 CHUNKING
C: STARTTLS
S: 220 *
TLS
C: EHLO client.example.org`;

test("the backend hears every parameter, decoded (T-15)", async () => {
  const stage = await play(`${TLS}
S*8: 250-*
S: 250 CHUNKING
C: MAIL FROM:<A@EXAMPLE.org> SIZE=77 BODY=8BITMIME RET=HDRS ENVID=a+2Bb SMTPUTF8 REQUIRETLS
S: 250 *
C: RCPT TO:<"you"@Wachpost.test> NOTIFY=SUCCESS,DELAY ORCPT=rfc822;x+2By@example.org
S: 250 *
C: RCPT TO:<Postmaster>
S: 250 *
C: DATA
S: 354 *
C: x
C: .
S: 250 *`);
  const [message] = stage.backend.messages;
  const { id, recipients, ...mail } = message!.mail;
  assert.match(id, /^[0-9a-z]{12}$/);
  assert.deepEqual(mail, {
    from: { localPart: "A", domain: "example.org", text: "A@example.org" },
    size: 77,
    body: "8BITMIME",
    smtpUtf8: true,
    ret: "HDRS",
    envid: "a+b",
    requireTls: true,
  });
  assert.deepEqual(recipients, [
    {
      to: { localPart: "you", domain: "wachpost.test", text: "you@wachpost.test" },
      notify: ["SUCCESS", "DELAY"],
      orcpt: { type: "rfc822", address: "x+y@example.org" },
    },
    { to: { localPart: "Postmaster", domain: "", text: "Postmaster" } },
  ]);
  const { facts } = message!;
  assert.deepEqual(facts.helo, { name: "client.example.org", verb: "EHLO" });
  assert.equal(facts.tls?.protocol, "TLSv1.3");
  assert.equal(facts.tls?.serverName, "mx.wachpost.test");
});

test("XCLIENT replaces the client, and only what it says (attributes in xtext)", async () => {
  const stage = await play(`offers: xclient
S: 220 *
C: XCLIENT ADDR=IPV6:2001:db8::7 PORT=4711 PROTO=SMTP HELO=other.example DESTADDR=192.0.2.25 DESTPORT=26
S: 220 *
C: MAIL FROM:<>
S: 250 *
C: RCPT TO:<you@wachpost.test>
S: 250 *
C: DATA
S: 354 *
C: .
S: 250 *`);
  const { facts } = stage.backend.messages[0]!;
  assert.equal(facts.remote.address.text, "2001:db8::7");
  assert.equal(facts.remote.port, 4711);
  assert.deepEqual(facts.local, { address: "192.0.2.25", port: 26 });
  assert.deepEqual(facts.helo, { name: "other.example", verb: "HELO" });
});

describe("SCRAM: the server's last word goes as a challenge of its own (RFC 4954 §4)", () => {
  for (const plus of [false, true]) {
    for (const password of [PASSWORD, "wrong"]) {
      test(`${plus ? "with" : "without"} channel binding, password ${password}`, async () => {
        const stage = new SmtpStage(
          new Map([
            ["profile", "submission"],
            ["offers", "tls"],
          ]),
        );
        const { client, over } = stage.inMemory();
        await client.play(parseDialog("inline", `${TLS}\nS*9: 250-*\nS: 250 CHUNKING`), stage);
        const binding: ChannelBinding = { type: "tls-exporter", data: client.exportedKey() };
        const scram = scramClient(LOGIN, password, "abcdefgh", plus ? binding : undefined);
        const say = async (line: string): Promise<string> => {
          client.send(Buffer.from(`${line}\r\n`));
          return client.line();
        };
        const base64 = (text: string): string => Buffer.from(text).toString("base64");
        const challenge = (line: string): string => Buffer.from(line.slice(4), "base64").toString();
        const first = await say(`AUTH SCRAM-SHA-256${plus ? "-PLUS" : ""} ${base64(scram.first)}`);
        const final = await scram.final(challenge(first));
        const verdict = await say(base64(final ?? ""));
        if (password === PASSWORD) {
          assert.match(verdict, /^334 /);
          assert.ok(scram.verify(challenge(verdict)));
          assert.match(await say(""), /^235 2\.7\.0 /);
        } else {
          assert.match(verdict, /^535 5\.7\.8 /);
        }
        client.hangUp();
        await over;
      });
    }
  }
});

test("a SCRAM client that will not take the server's word is not logged in", async () => {
  const stage = new SmtpStage(
    new Map([
      ["profile", "submission"],
      ["offers", "tls"],
    ]),
  );
  const { client, over } = stage.inMemory();
  await client.play(parseDialog("inline", `${TLS}\nS*9: 250-*\nS: 250 CHUNKING`), stage);
  const scram = scramClient(LOGIN, PASSWORD, "abcdefgh");
  const say = async (line: string): Promise<string> => {
    client.send(Buffer.from(`${line}\r\n`));
    return client.line();
  };
  const first = await say(`AUTH SCRAM-SHA-256 ${Buffer.from(scram.first).toString("base64")}`);
  const final = await scram.final(Buffer.from(first.slice(4), "base64").toString());
  assert.match(await say(Buffer.from(final ?? "").toString("base64")), /^334 /);
  assert.match(await say("*"), /^501 5\.7\.0 /);
  assert.match(await say("MAIL FROM:<you@wachpost.test>"), /^530 /);
  client.hangUp();
  await over;
});

test("replies of one batch leave together", async () => {
  const [near, far] = duplexPair();
  const stage = new SmtpStage(new Map());
  const end = { address: parseIp("127.0.0.1") as IpAddress, port: 1 };
  const over = serveSmtp(
    new SocketConnection(far, { remote: end, local: { address: "127.0.0.1", port: 25 } }),
    stage.options,
  );
  const segments: string[] = [];
  near.on("data", (chunk: Buffer) => segments.push(chunk.toString()));
  const settle = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 20));
  await settle();
  near.write("EHLO client.example.org\r\n");
  await settle();
  segments.length = 0;
  near.write("MAIL FROM:<>\r\nRCPT TO:<you@wachpost.test>\r\nRCPT TO:<nobody@wachpost.test>\r\nDATA\r\n");
  await settle();
  assert.equal(segments.length, 1, JSON.stringify(segments));
  assert.equal(segments[0]?.match(/\r\n/g)?.length, 4);
  near.destroy();
  await over;
});

test("from the eleventh error on each reply takes a second (D-17)", async () => {
  const [near, far] = duplexPair();
  const clock = new ManualClock();
  const stage = new SmtpStage(new Map());
  const end = { address: parseIp("127.0.0.1") as IpAddress, port: 1 };
  const over = serveSmtp(
    new SocketConnection(far, { remote: end, local: { address: "127.0.0.1", port: 25 } }),
    { ...stage.options, limits: defaultLimits, clock },
  );
  const client = new DialogClient(near);
  await client.play(
    parseDialog("inline", "S: 220 *\nC: EHLO x\nS*7: 250-*\nS: 250 CHUNKING\nC*10: FROB\nS*10: 500 *"),
    stage,
  );
  client.send(Buffer.from("FROB\r\n"));
  const settle = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 20));
  let answered = false;
  const answer = client.line().then(() => (answered = true));
  await settle();
  clock.advance(999);
  await settle();
  assert.equal(answered, false);
  clock.advance(1);
  await answer;
  near.destroy();
  await over;
});

test("what a client sends faster than it reads replies waits in its own kernel, not in our memory", async () => {
  const [near, far] = duplexPair();
  const stage = new SmtpStage(new Map([["limit", "junkCommands=100000000"]]));
  const end = { address: parseIp("127.0.0.1") as IpAddress, port: 1 };
  const over = serveSmtp(
    new SocketConnection(far, { remote: end, local: { address: "127.0.0.1", port: 25 } }),
    stage.options,
  );
  near.write("EHLO x\r\n");
  await new Promise((resolve) => setTimeout(resolve, 20));
  const commands = Buffer.from("RSET\r\n".repeat(100_000));
  near.write(commands);
  await new Promise((resolve) => setTimeout(resolve, 200));
  const waiting = far.writableLength;
  assert.ok(waiting < 200_000, `${waiting} octets of replies wait`);
  // One end of a pair does not tell the other that nobody will read any more.
  far.destroy();
  await over;
});

test("a line of 32 MB without an end costs no memory and is refused (T-06)", async () => {
  const stage = new SmtpStage(new Map([["size", "1000000"]]));
  const { client, over } = stage.inMemory();
  await client.play(
    parseDialog(
      "inline",
      `S: 220 *
C: EHLO x
S*7: 250-*
S: 250 CHUNKING
C: MAIL FROM:<>
S: 250 *
C: RCPT TO:<you@wachpost.test>
S: 250 *
C: DATA
S: 354 *`,
    ),
    stage,
  );
  const chunk = Buffer.alloc(64 * 1024, "x");
  const before = process.memoryUsage().arrayBuffers;
  let peak = before;
  for (let sent = 0; sent < 512; sent++) {
    client.send(chunk);
    await new Promise((resolve) => setImmediate(resolve));
    peak = Math.max(peak, process.memoryUsage().arrayBuffers);
  }
  client.send(Buffer.from("\r\n.\r\n"));
  assert.match(await client.line(), /^550 5\.6\.0 Message has an overlong line/);
  assert.ok(peak - before < 8_000_000, `${peak - before} octets more than before`);
  client.hangUp();
  await over;
});
