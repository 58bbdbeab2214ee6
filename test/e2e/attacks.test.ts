/** What every attacker tries first, against the listening server: none of it gets through. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, before, test } from "node:test";
import { RawClient } from "./raw-client.ts";
import { TestServer } from "./server.ts";

let server: TestServer;
let ca: string;
before(async () => {
  server = await TestServer.start({ users: ["you", "victim"] });
  ca = readFileSync(server.authorityFile, "utf8");
});
after(() => server[Symbol.asyncDispose]());

/** Subjects in INBOX, over IMAP. */
async function inbox(user: string): Promise<string[]> {
  const client = await RawClient.tls(server.ports.imaps, { ca });
  await client.until(/^\* OK.*\r\n/);
  client.write(
    `a LOGIN ${server.login(user)} ${server.password(user)}\r\nb SELECT INBOX\r\nc FETCH 1:* (BODY.PEEK[HEADER.FIELDS (SUBJECT)])\r\n`,
  );
  const text = await client.until(/^c (OK|NO|BAD).*\r\n/m);
  client.destroy();
  return [...text.matchAll(/^Subject: (.*)\r$/gm)].map((match) => match[1] ?? "");
}

async function greeted(port = server.ports.smtp): Promise<RawClient> {
  const client = await RawClient.plain(port);
  await client.reply();
  await client.say("EHLO attacker.test");
  return client;
}

// T-29: CVE-2023-51764, CVE-2023-51765, CVE-2023-51766, VU#302671 and their kin.
const ends: readonly [name: string, octets: string][] = [
  ["LF.LF", "\n.\n"],
  ["LF.CRLF", "\n.\r\n"],
  ["CRLF.LF", "\r\n.\n"],
  ["CR.CR", "\r.\r"],
  ["CRLF.CR", "\r\n.\r"],
  ["CR.CRLF", "\r.\r\n"],
  ["LF.CR", "\n.\r"],
  ["CRLF.CR CRLF", "\r\n.\r\r\n"],
  ["CRLF NUL.CRLF", "\r\n\0.\r\n"],
];
for (const [name, end] of ends) {
  test(`smuggling with ${name} (T-29)`, async () => {
    const before = await inbox("victim");
    const client = await greeted();
    await client.say("MAIL FROM:<a@attacker.test>");
    await client.say(`RCPT TO:<${server.login("victim")}>`);
    await client.say("DATA");
    client.write(
      `Subject: outer\r\n\r\nbody${end}MAIL FROM:<ceo@attacker.test>\r\nRCPT TO:<${server.login("victim")}>\r\nDATA\r\nSubject: smuggled\r\n\r\nboo\r\n.\r\n`,
    );
    const answer = await client.reply();
    client.write("QUIT\r\n");
    await client.rest(2000);
    const after = await inbox("victim");
    assert.match(answer, /^(250|55\d)/);
    assert.ok(after.length - before.length <= 1, `${after.length - before.length} messages`);
    assert.ok(!after.includes("smuggled"));
  });
}

test("STARTTLS injection on 25 and 587 (T-33, CVE-2011-0411)", async () => {
  for (const port of [server.ports.smtp, server.ports.submission]) {
    const client = await greeted(port);
    client.write("STARTTLS\r\nEHLO injected.test\r\n");
    const answer = await client.rest(3000).catch(() => "");
    assert.doesNotMatch(answer, /^250/m, "no answer to the injected line in clear");
    assert.ok(client.closed, "the connection is dropped");
  }
});

test("state from before TLS is forgotten (T-34)", async () => {
  const client = await greeted();
  assert.match(await client.say("STARTTLS"), /^220/);
  await client.upgrade({ ca });
  assert.match(await client.say("MAIL FROM:<a@attacker.test>"), /^503 5\.5\.1/);
  assert.doesNotMatch(await client.say("EHLO attacker.test"), /STARTTLS/);
  client.destroy();
});

// D-22: every form of the open-relay probe.
const outside = "victim@elsewhere.test";
const probes: readonly [name: string, from: string, to: string][] = [
  ["plain", "a@attacker.test", outside],
  ["null sender", "", outside],
  ["our domain as sender", "you@wachpost.test", outside],
  ["postmaster of ours as sender", "postmaster@wachpost.test", outside],
  ["sender with our address literal", "a@[127.0.0.1]", outside],
  ["percent hack", "a@attacker.test", "victim%elsewhere.test@wachpost.test"],
  ["bang path", "a@attacker.test", "elsewhere.test!victim@wachpost.test"],
  ["source route", "a@attacker.test", "@wachpost.test:victim@elsewhere.test"],
  ["quoted", "a@attacker.test", '"victim@elsewhere.test"@wachpost.test'],
  ["quoted without domain", "a@attacker.test", '"victim@elsewhere.test"'],
  ["two at signs", "a@attacker.test", "victim@elsewhere.test@wachpost.test"],
  ["trailing dot", "a@attacker.test", "victim@elsewhere.test."],
  ["address literal", "a@attacker.test", "victim@[192.0.2.1]"],
  ["address literal of ours", "a@attacker.test", "victim%elsewhere.test@[127.0.0.1]"],
  ["upper case", "a@attacker.test", "VICTIM@ELSEWHERE.TEST"],
  ["NUL", "a@attacker.test", "victim@elsewhere.test\0@wachpost.test"],
  ["homoglyph", "a@attacker.test", "victim@w\u0430chpost.test"],
  ["subdomain of ours", "a@attacker.test", "victim@sub.wachpost.test"],
  ["our domain as suffix", "a@attacker.test", "victim@evilwachpost.test"],
  ["percent, then comment", "a@attacker.test", "victim%elsewhere.test(@wachpost.test)"],
];
for (const [name, from, to] of probes) {
  test(`open relay probe: ${name} (D-22)`, async () => {
    const client = await greeted();
    assert.match(await client.say(`MAIL FROM:<${from}>`), /^250/);
    client.write(Buffer.from(`RCPT TO:<${to}>\r\n`, "utf8"));
    assert.match(await client.reply(), /^5\d\d /);
    assert.match(await client.say("DATA"), /^(503|554) /);
    client.destroy();
  });
}

test("submission without login sends nothing (S-15)", async () => {
  const client = await RawClient.tls(server.ports.submissions, { ca });
  await client.reply();
  await client.say("EHLO me");
  assert.match(await client.say(`MAIL FROM:<${server.login("you")}>`), /^530 5\.7\.0/);
  client.destroy();
});

test("AUTH in clear is refused before the password is looked at (T-03)", async () => {
  const client = await greeted(server.ports.submission);
  assert.match(await client.say("AUTH PLAIN AHlvdQB5b3U="), /^(530|538) 5\.7\./);
  client.destroy();
});

test("a login may only use its own addresses (D-24)", async () => {
  const client = await RawClient.tls(server.ports.submissions, { ca });
  await client.reply();
  await client.say("EHLO me");
  const token = Buffer.from(`\0${server.login("you")}\0${server.password("you")}`).toString("base64");
  assert.match(await client.say(`AUTH PLAIN ${token}`), /^235/);
  assert.match(await client.say(`MAIL FROM:<${server.login("victim")}>`), /^553 5\.7\.1/);
  for (const [from, want] of [
    [server.login("victim"), /^550 5\.7\.1/],
    ["ceo@elsewhere.test", /^550 5\.7\.1/],
    [server.login("you"), /^250/],
  ] as const) {
    assert.match(await client.say(`MAIL FROM:<${server.login("you")}>`), /^250/);
    assert.match(await client.say(`RCPT TO:<${server.login("you")}>`), /^250/);
    assert.match(await client.say("DATA"), /^354/);
    assert.match(await client.say(`From: ${from}\r\nSubject: whose\r\n\r\nx\r\n.`), want);
  }
  client.destroy();
});

test("failed logins are throttled across protocols, and not the owner's (D-26, D-28)", async () => {
  await using guessed = await TestServer.start({ users: [] });
  const login = guessed.login("chosen");
  const right = "correct horse battery staple of four";
  const made = await guessed.cliWith(`${right}\n`, "account", "add", login, "--password-stdin");
  assert.equal(made.status, 0, made.stderr);
  const tls = { ca: readFileSync(guessed.authorityFile, "utf8") };
  type Guess = (password: string, from: string) => Promise<boolean>;
  const overImap: Guess = async (password, localAddress) => {
    const client = await RawClient.tls(guessed.ports.imaps, { ...tls, localAddress });
    await client.until(/^\* OK.*\r\n/);
    client.write(`a LOGIN ${login} "${password}"\r\n`);
    const answer = await client.until(/^(a|\*) (OK|NO|BAD|BYE).*\r\n/m, 20_000);
    client.destroy();
    return answer.includes("a OK");
  };
  const overPop3: Guess = async (password, localAddress) => {
    const client = await RawClient.tls(guessed.ports.pop3s, { ...tls, localAddress });
    await client.until(/^\+OK.*\r\n/);
    client.write(`USER ${login}\r\nPASS ${password}\r\n`);
    await client.until(/^\+OK.*\r\n/);
    const answer = await client.until(/^(\+OK|-ERR).*\r\n/, 20_000);
    client.destroy();
    return answer.startsWith("+OK");
  };
  const overSmtp: Guess = async (password, localAddress) => {
    const client = await RawClient.tls(guessed.ports.submissions, { ...tls, localAddress });
    await client.reply();
    await client.say("EHLO me");
    client.write(`AUTH PLAIN ${Buffer.from(`\0${login}\0${password}`).toString("base64")}\r\n`);
    const answer = await client.reply(20_000);
    client.destroy();
    return answer.startsWith("235");
  };
  const protocols = [overImap, overPop3, overSmtp];
  const attacker = "127.0.0.9";
  let wrong = 0;
  const guesses = async (count: number): Promise<void> => {
    const opened = await Promise.all(
      Array.from({ length: count }, () =>
        (protocols[wrong % protocols.length] as Guess)(`wrong-guess-${wrong++}`, attacker),
      ),
    );
    assert.ok(!opened.includes(true));
  };

  assert.ok(await overImap(right, "127.0.0.8"), "the owner, before all this");
  await guesses(10);
  assert.ok(!guessed.log.some((line) => line.includes("throttle-blocked")), "10 failures do not block");
  const began_ms = Date.now();
  await guesses(10);
  assert.ok(Date.now() - began_ms >= 4_000, "now answers are slow, whatever the protocol");
  assert.ok(
    guessed.log.some((line) => line.includes("throttle-blocked")),
    "20 failures over three protocols block",
  );
  const blocked = await Promise.all(protocols.map((guess) => guess(right, attacker)));
  assert.deepEqual(blocked, [false, false, false], "the guesser does not learn the right one any more");
  const owner = await Promise.all(protocols.map((guess) => guess(right, "127.0.0.8")));
  assert.deepEqual(owner, [true, true, true], "the owner's address is not locked out");
});
