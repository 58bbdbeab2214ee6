/** Mail for addresses that lead to other servers: who is answered when it goes wrong, and who must never be. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createServer, type AddressInfo } from "node:net";
import { after, before, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { generatePrivateKey, keyRecord, readSigningKey } from "../../src/authentication/dkim/key-pair.ts";
import { signMessage } from "../../src/authentication/dkim/sign.ts";
import { startDnsServer } from "../simulate/dns-server.ts";
import { letter, lettersOf } from "./mail-programs.ts";
import { RawClient } from "./raw-client.ts";
import { TestServer } from "./server.ts";

const GOOD = "198.51.100.1";
const OTHER = "198.51.100.66";

async function keyOf(domain: string) {
  const privateKey = await generatePrivateKey("rsa-sha256");
  const row = { domain, selector: "s1", algorithm: "rsa-sha256", privateKey } as const;
  return readSigningKey(row) ?? assert.fail("a key");
}
const signedKey = await keyOf("signed.test");
const forgerKey = await keyOf("forger.test");
const ZONE = `
signed.test MX 10 mx.signed.test
mx.signed.test A ${GOOD}
1.100.51.198.in-addr.arpa PTR mx.signed.test
mx.other.test A ${OTHER}
66.100.51.198.in-addr.arpa PTR mx.other.test
bounces.signed.test MX 10 mx.signed.test
signed.test TXT v=spf1 ip4:${GOOD} ?all
s1._domainkey.signed.test TXT ${keyRecord(signedKey).text}
forger.test MX 10 mx.signed.test
back.test MX 10 mx.far.test
back.test TXT v=spf1 ip4:${GOOD} -all
s1._domainkey.forger.test TXT ${keyRecord(forgerKey).text}
victim.test MX 10 mx.signed.test
silent.test MX 10 mx.signed.test
silent.test TXT v=spf1 include:broken.test -all
broken.test SERVFAIL
far.test MX 10 mx.far.test
mx.far.test A 127.0.0.99
`;

/** Takes every message to the end and then puts it off: what goes on can be read, and the queue stays as it is. */
const passedOn: string[] = [];
const far = createServer((socket) => {
  let input = "";
  let inData = false;
  socket.on("error", () => {});
  socket.write("220 mx.far.test\r\n");
  socket.on("data", (chunk: Buffer) => {
    input += chunk.toString("latin1");
    for (;;) {
      const mark = inData ? "\r\n.\r\n" : "\r\n";
      const end = input.indexOf(mark);
      if (end < 0) return;
      const whole = input.slice(0, end + 2);
      input = input.slice(end + mark.length);
      if (inData) passedOn.push(whole);
      socket.write(inData ? "451 4.3.0 later\r\n" : /^DATA/i.test(whole) ? "354 go\r\n" : "250 ok\r\n");
      inData = !inData && /^DATA/i.test(whole);
    }
  });
});

async function passedOnWith(subject: string): Promise<string> {
  for (;;) {
    const found = passedOn.find((text) => text.includes(`Subject: ${subject}\r\n`));
    if (found !== undefined) return found;
    await sleep(50);
  }
}

let server: TestServer;
let dns: Awaited<ReturnType<typeof startDnsServer>>;
before(async () => {
  dns = await startDnsServer({ zone: ZONE });
  far.listen(0, "127.0.0.99");
  await once(far, "listening");
  const { port } = far.address() as AddressInfo;
  server = await TestServer.start({
    users: ["you", "other"],
    toml: `[dns]\nservers = ["127.0.0.1:${dns.port}"]\n[outbound]\nport = ${port}\n`,
    smtpToml: 'xclient_from = ["127.0.0.1"]',
  });
  server.cliOk("address", "add", "away@wachpost.test", "friend@far.test");
  server.cliOk("address", "add", "away2@wachpost.test", "friend2@far.test");
  server.cliOk("address", "add", "both@wachpost.test", "you@wachpost.test", "third@far.test");
});
after(async () => {
  await server[Symbol.asyncDispose]();
  dns.close();
  far.close();
});

type Sent = { readonly rcpt: readonly string[]; readonly end: string };

/** Over port 25 as some client of the world. */
async function send(
  client: string,
  from: string,
  recipients: readonly string[],
  message: string | Buffer,
): Promise<Sent> {
  const { smtp, rcpt } = await begun(client, from, recipients);
  let end = "";
  if (rcpt.some((reply) => reply.startsWith("250"))) {
    assert.match(await smtp.say("DATA"), /^354 /);
    smtp.write(Buffer.concat([Buffer.from(message), Buffer.from(".\r\n")]));
    end = await smtp.reply();
  }
  smtp.destroy();
  return { rcpt, end };
}

/** As far as the recipients. */
async function begun(client: string, from: string, recipients: readonly string[]) {
  const smtp = await RawClient.plain(server.ports.smtp);
  await smtp.reply();
  await smtp.say("EHLO proxy.test");
  await smtp.say(`XCLIENT ADDR=${client}`);
  await smtp.say("EHLO mx.signed.test");
  await smtp.say(`MAIL FROM:<${from}>`);
  const rcpt: string[] = [];
  for (const to of recipients) rcpt.push(await smtp.say(`RCPT TO:<${to}>`));
  return { smtp, rcpt };
}

const signed = (key: typeof signedKey, message: string): Buffer => {
  const octets = Buffer.from(message);
  return Buffer.concat([signMessage(octets, [key], { now_ms: Date.now() }), octets]);
};
const AWAY = "away@wachpost.test";
const BOTH = "both@wachpost.test";
const YOU = "you@wachpost.test";

type Queued = { readonly from: string; readonly recipients: readonly { readonly address: string }[] };
const queue = (): Queued[] => JSON.parse(server.cliOk("queue", "--json")) as Queued[];
const queuedFor = (address: string): Queued[] =>
  queue().filter(({ recipients }) => recipients.some((one) => one.address === address));

for (const { name, client, from, message, want } of [
  {
    name: "neither SPF nor DKIM",
    client: OTHER,
    from: "boss@victim.test",
    message: letter("boss@victim.test", AWAY, "forged"),
    want: /^550 5\.7\.26 <away@wachpost\.test> .*proves victim\.test: publish SPF.*\([0-9a-z]{12}\)\r\n$/,
  },
  {
    name: "a forger who signs for his own From names a stranger in the envelope",
    client: OTHER,
    from: "boss@victim.test",
    message: signed(forgerKey, letter("x@forger.test", AWAY, "signed-forgery")),
    want: /^550 5\.7\.26 /,
  },
  {
    name: "the DNS does not say",
    client: OTHER,
    from: "x@silent.test",
    message: letter("x@silent.test", AWAY, "silent"),
    want: /^451 4\.4\.3 .*please try again/,
  },
  {
    name: "the null sender of a client that calls itself by another's name",
    client: OTHER,
    from: "",
    message: letter("mailer@victim.test", AWAY, "null-forged"),
    want: /^550 5\.7\.26 <away@wachpost\.test> forwards notices only .* proves mx\.signed\.test: /,
  },
  {
    name: "the null sender, signed by somebody who is neither author nor client",
    client: OTHER,
    from: "",
    message: signed(forgerKey, letter("mailer@victim.test", AWAY, "null-other")),
    want: /^550 5\.7\.26 /,
  },
]) {
  test(`not forwarded, refused while the sender still listens: ${name}`, async () => {
    assert.match((await send(client, from, [AWAY], message)).end, want);
  });
}

test("nothing of that is queued, so nobody can ever be written to", () => assert.deepEqual(queue(), []));

for (const { name, client, from, message } of [
  {
    name: "SPF passes",
    client: GOOD,
    from: "anna@signed.test",
    message: letter("anna@signed.test", AWAY, "by-spf"),
  },
  {
    name: "a signature of the envelope sender's domain",
    client: OTHER,
    from: "anna@signed.test",
    message: signed(signedKey, letter("anna@signed.test", AWAY, "by-dkim")),
  },
  {
    name: "a signature of a domain above the envelope sender's",
    client: OTHER,
    from: "anna@bounces.signed.test",
    message: signed(signedKey, letter("anna@signed.test", AWAY, "by-dkim-above")),
  },
  {
    name: "a notice of a client that is what it calls itself",
    client: GOOD,
    from: "",
    message: letter("mailer@victim.test", AWAY, "null"),
  },
  {
    name: "a notice that its author's domain signed",
    client: OTHER,
    from: "",
    message: signed(signedKey, letter("mailer@signed.test", AWAY, "null-signed")),
  },
]) {
  test(`forwarded: ${name}`, async () => {
    assert.match((await send(client, from, [AWAY], message)).end, /^250 2\.0\.0 /);
  });
}

test("all of that is queued", () => assert.equal(queuedFor("friend@far.test").length, 5));

test("an owner who keeps a copy gets his copy; the forward is left out, and explain says why", async () => {
  const message = letter("boss@victim.test", BOTH, "copy-only");
  const { end } = await send(OTHER, "boss@victim.test", [BOTH], message);
  const id = /queued as (\S+)/.exec(end)?.[1] ?? assert.fail(end);
  assert.ok((await lettersOf(server)).some(({ text }) => text.includes("Subject: copy-only")));
  assert.deepEqual(queuedFor("third@far.test"), []);
  const english = await server.explained(id);
  assert.match(english, /It was not forwarded to third@far\.test\./);
  assert.match(english, /Neither SPF nor a DKIM signature proves that the message is from victim\.test/);
  assert.match(await server.explained(id, "de"), /nicht an third@far\.test weitergeleitet/);
});

test("without SPF, recipients at home and forwards are taken one kind after the other", async () => {
  const message = letter("boss@victim.test", YOU, "kinds");
  const home = await send(OTHER, "boss@victim.test", [YOU, AWAY, "other@wachpost.test"], message);
  assert.deepEqual(
    home.rcpt.map((reply) => reply.slice(0, 9)),
    ["250 2.1.5", "452 4.5.3", "250 2.1.5"],
  );
  assert.match(home.end, /^250 /);
  const away = await send(OTHER, "boss@victim.test", [AWAY, YOU, "away2@wachpost.test"], message);
  assert.deepEqual(
    away.rcpt.map((reply) => reply.slice(0, 9)),
    ["250 2.1.5", "452 4.5.3", "250 2.1.5"],
  );
  assert.match(away.end, /^550 5\.7\.26 /);
  const proven = letter("anna@signed.test", YOU, "all-kinds");
  const together = await send(GOOD, "anna@signed.test", [YOU, AWAY], proven);
  assert.ok(together.rcpt.every((reply) => reply.startsWith("250")));
});

test("our mark: readable for one recipient, hidden among several; who bears it has been here", async () => {
  const one = letter("anna@signed.test", BOTH, "mark-one");
  assert.match((await send(GOOD, "anna@signed.test", [BOTH], one)).end, /^250 /);
  const alone = (await lettersOf(server)).at(-1)?.text ?? "";
  assert.match(alone, /^Delivered-To: both@wachpost\.test\r$/m);
  const two = letter("anna@signed.test", BOTH, "mark-two");
  assert.match((await send(GOOD, "anna@signed.test", [BOTH, AWAY], two)).end, /^250 /);
  // Who keeps a copy does not learn that it went on to others too.
  const copy = (await lettersOf(server)).at(-1)?.text ?? "";
  assert.match(copy, /Subject: mark-two/);
  assert.doesNotMatch(copy, /Delivered-To|forwarded-|ARC-Seal|away@/);
  const among = await passedOnWith("mark-two");
  assert.doesNotMatch(among, /away@wachpost\.test/);
  const marks = among.match(/^Delivered-To: forwarded-[0-9a-f]{20}@wachpost\.test\r\n/gm) ?? [];
  assert.equal(marks.length, 2);
  const before = queue().length;
  for (const traces of ["Delivered-To: AWAY@wachpost.test\r\n", marks.join("")]) {
    const back = letter("anna@signed.test", AWAY, "back", traces);
    assert.match((await send(GOOD, "anna@signed.test", [AWAY], back)).end, /^554 5\.4\.6 .*circle/);
  }
  // Who keeps a copy gets it; the circle ends all the same.
  const kept = letter("a@signed.test", BOTH, "kept", marks.join(""));
  const { end } = await send(GOOD, "bert@back.test", [BOTH, AWAY], kept);
  assert.match(end, /^250 /);
  assert.ok((await lettersOf(server)).some(({ text }) => text.includes("Subject: kept")));
  // One answer speaks for both: of the address where nobody has a copy its sender is told by a notice, and nothing else goes on.
  const notice = await passedOnWith("Mail not delivered / Nachricht nicht zugestellt");
  assert.match(notice, /Final-Recipient: rfc822; away@wachpost\.test\r\nAction: failed\r\nStatus: 5\.4\.6/);
  assert.doesNotMatch(notice.slice(0, notice.indexOf("message/delivery-status")), /friend@far\.test/);
  assert.deepEqual(
    queue()
      .slice(before)
      .map(({ recipients }) => recipients.map(({ address }) => address)),
    [["bert@back.test"]],
  );
  const id = /queued as (\S+)/.exec(end)?.[1] ?? assert.fail(end);
  const english = await server.explained(id);
  assert.match(english, /It was not forwarded to friend@far\.test\./);
  assert.match(english, /had forwarded the same message before: it came back/);
  assert.match(await server.explained(id, "de"), /nicht an friend@far\.test weitergeleitet/);
  // And the operator, whose mail goes round.
  const circles = server.log.filter((line) => line.includes("forward.circle"));
  assert.ok(
    circles.some((line) => line.includes("friend@far.test")),
    circles.join("\n"),
  );
});

test("a user's Bcc to a forwarding address shows nowhere: not to people here, not to strangers", async () => {
  const ca = readFileSync(server.authorityFile, "utf8");
  const client = await RawClient.tls(server.ports.submissions, { ca });
  await client.reply();
  await client.say("EHLO here.test");
  const token = Buffer.from(`\0${server.login("you")}\0${server.password("you")}`).toString("base64");
  assert.match(await client.say(`AUTH PLAIN ${token}`), /^235/);
  for (const [subject, ...recipients] of [
    ["bcc-here", "you@wachpost.test", AWAY],
    ["bcc-there", "stranger@far.test", AWAY],
  ]) {
    await client.say("MAIL FROM:<you@wachpost.test>");
    for (const to of recipients) assert.match(await client.say(`RCPT TO:<${to}>`), /^250/);
    await client.say("DATA");
    client.write(`${letter("you@wachpost.test", recipients[0] ?? "", subject ?? "")}.\r\n`);
    assert.match(await client.reply(), /^250/);
  }
  client.destroy();
  const copy = (await lettersOf(server)).find(({ text }) => text.includes("Subject: bcc-here\r\n"));
  assert.doesNotMatch(copy?.text ?? assert.fail("a copy"), /Delivered-To|forwarded-/);
  assert.match(await passedOnWith("bcc-here"), /^Delivered-To: forwarded-/m);
  assert.doesNotMatch(await passedOnWith("bcc-there"), /Delivered-To|forwarded-/);
});

test("findings in our name are gone from trusted mail too", async () => {
  const forged = "Authentication-Results: mail.wachpost.test; dmarc=pass header.from=bank.test\r\n";
  const message = letter("boss@victim.test", YOU, "trusted", forged);
  const smtp = await RawClient.plain(server.ports.smtp);
  await smtp.reply();
  await smtp.say("EHLO here.test");
  for (const command of ["MAIL FROM:<boss@victim.test>", `RCPT TO:<${YOU}>`])
    assert.match(await smtp.say(command), /^250 /);
  await smtp.say("DATA");
  assert.match(await smtp.say(`${message}.`), /^250 /);
  smtp.destroy();
  const text = (await lettersOf(server)).find((one) => one.text.includes("Subject: trusted"))?.text ?? "";
  assert.match(text, /Hello\./);
  assert.doesNotMatch(text, /Authentication-Results/);
});

test("one full mailbox among several holds nobody up, and nobody gets the message twice", async () => {
  server.addUser("small", "--quota", "1M");
  const big = `${letter("anna@signed.test", YOU, "last-straw")}${"x".repeat(900)}\r\n`;
  const filler = `${big}${`${"y".repeat(990)}\r\n`.repeat(700)}`;
  assert.match((await send(GOOD, "anna@signed.test", ["small@wachpost.test"], filler)).end, /^250 /);
  const straw = filler.replace("last-straw", "the-straw");
  assert.match((await send(GOOD, "anna@signed.test", ["small@wachpost.test"], straw)).end, /^452 4\.2\.2 /);
  const both = await send(GOOD, "anna@signed.test", ["small@wachpost.test", "other@wachpost.test"], straw);
  assert.match(both.end, /^250 /);
  for (const user of ["small", "other"]) {
    const copies = (await lettersOf(server, user)).filter(({ text }) => text.includes("Subject: the-straw"));
    assert.equal(copies.length, 1, user);
  }
  // Now it is full for everybody.
  const next = await send(GOOD, "anna@signed.test", ["small@wachpost.test"], big);
  assert.match(next.rcpt[0] ?? "", /^452 4\.2\.2 /);
});

test("what comes over many connections at once is one straw too much, not many; who was held up comes through", async () => {
  server.addUser("tight", "--quota", "20K");
  const people = ["other@wachpost.test", "tight@wachpost.test"];
  const message = `${letter("anna@signed.test", YOU, "at-once")}${`${"z".repeat(990)}\r\n`.repeat(9)}.\r\n`;
  const sessions = await Promise.all(
    Array.from({ length: 6 }, () => begun(GOOD, "anna@signed.test", people)),
  );
  for (const { smtp, rcpt } of sessions) {
    for (const reply of rcpt) assert.match(reply, /^250 /);
    assert.match(await smtp.say("DATA"), /^354 /);
  }
  for (const { smtp } of sessions) smtp.write(message);
  const ends = await Promise.all(sessions.map(({ smtp }) => smtp.reply()));
  for (const { smtp } of sessions) smtp.destroy();
  const codes = ends.map((end) => end.slice(0, 9)).toSorted();
  assert.deepEqual(codes, [...Array(3).fill("250 2.0.0"), ...Array(3).fill("452 4.2.2")]);
  const count = async (user: string): Promise<number> =>
    (await lettersOf(server, user)).filter(({ text }) => text.includes("Subject: at-once")).length;
  assert.deepEqual([await count("tight"), await count("other")], [3, 3]);
  const again = await send(GOOD, "anna@signed.test", people, message.slice(0, -3));
  assert.deepEqual(
    [...again.rcpt, again.end].map((reply) => reply.slice(0, 3)),
    ["250", "452", "250"],
  );
  assert.deepEqual([await count("tight"), await count("other")], [3, 4]);
});
