/** Who answers for a message from outside: SPF, DKIM, DMARC, the rules, and what becomes of it. */
import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { generatePrivateKey, keyRecord, readSigningKey } from "../../src/authentication/dkim/key-pair.ts";
import { sealMessage } from "../../src/authentication/arc/seal.ts";
import { signMessage } from "../../src/authentication/dkim/sign.ts";
import { startDnsServer } from "../simulate/dns-server.ts";
import { RawClient } from "./raw-client.ts";
import { TestServer } from "./server.ts";

const GOOD = "198.51.100.1";
const OTHER = "198.51.100.66";
/** A forwarder the operator knows. */
const KNOWN = "198.51.100.88";
/** Listed with fewer points than refuse. */
const HALF_LISTED = "198.51.100.55";

const pem = await generatePrivateKey("rsa-sha256");
const key =
  readSigningKey({ domain: "signed.test", selector: "s1", algorithm: "rsa-sha256", privateKey: pem }) ??
  assert.fail("a key");
const listKey =
  readSigningKey({ domain: "lists.test", selector: "s1", algorithm: "rsa-sha256", privateKey: pem }) ??
  assert.fail("a key");
const ZONE = `
s1._domainkey.lists.test TXT ${keyRecord(listKey).text}
88.100.51.198.in-addr.arpa PTR out.forward.test
out.forward.test A ${KNOWN}
signed.test MX 10 mx.signed.test
mx.signed.test A ${GOOD}
1.100.51.198.in-addr.arpa PTR mx.signed.test
mx.other.test A ${OTHER}
66.100.51.198.in-addr.arpa PTR mx.other.test
signed.test TXT v=spf1 ip4:${GOOD} -all
_dmarc.signed.test TXT v=DMARC1; p=reject
s1._domainkey.signed.test TXT ${keyRecord(key).text}
careful.test MX 10 mx.signed.test
careful.test TXT v=spf1 -all
_dmarc.careful.test TXT v=DMARC1; p=quarantine
dead.signed.test MX 10 mx.signed.test
lame._domainkey.dead.signed.test SERVFAIL x
lame._domainkey.careful.test SERVFAIL x
shy.test MX 10 mx.signed.test
shy.test TXT v=spf1 -all
_dmarc.shy.test TXT v=DMARC1; p=none
lame._domainkey.dead.shy.test SERVFAIL x
dark.test MX 10 mx.signed.test
dark.test TXT v=spf1 ip4:${GOOD} -all
_dmarc.dark.test SERVFAIL x
disowned.test MX 10 mx.signed.test
disowned.test TXT v=spf1 -all
plain.test MX 10 mx.signed.test
listed.test MX 10 mx.signed.test
2.0.0.127.zen.spamhaus.org A 127.0.0.2
77.100.51.198.zen.spamhaus.org A 127.0.0.4
55.100.51.198.zen.spamhaus.org A 127.0.0.2
mx.half.test A ${HALF_LISTED}
55.100.51.198.in-addr.arpa PTR mx.half.test
`;

let server: TestServer;
let dns: Awaited<ReturnType<typeof startDnsServer>>;
before(async () => {
  dns = await startDnsServer({ zone: ZONE });
  server = await TestServer.start({
    users: ["you"],
    toml: `[dns]\nservers = ["127.0.0.1:${dns.port}"]\n[policy]\ndmarc_forwarders = ["${KNOWN}"]\ndmarc_trusted_sealers = ["lists.test"]\nspf_fail = "reject"\nrecipient = "permit_mynetworks, check_client_access table:clients, reject_dnsbl_score 8"\nend_of_data = "permit_mynetworks, check_client_access table:clients, tag_dnsbl_score 5"\n`,
    smtpToml: 'xclient_from = ["127.0.0.1"]',
  });
});
after(async () => {
  await server[Symbol.asyncDispose]();
  dns.close();
});

const letter = (from: string, subject: string, more = ""): string =>
  `${more}From: <${from}>\r\nTo: <you@wachpost.test>\r\nSubject: ${subject}\r\nDate: Tue, 24 Nov 2026 10:00:00 +0000\r\nMessage-ID: <${subject}@test>\r\n\r\nHello.\r\n`;

/** The last reply: of the command that was refused, or to the message. */
async function send(
  client: string,
  helo: string,
  from: string,
  message: string | Buffer,
  to = "you@wachpost.test",
): Promise<string> {
  const smtp = await RawClient.plain(server.ports.smtp);
  await smtp.reply();
  await smtp.say("EHLO proxy.test");
  await smtp.say(`XCLIENT ADDR=${client}`);
  await smtp.say(`EHLO ${helo}`);
  const replies = [await smtp.say(`MAIL FROM:<${from}>`), await smtp.say(`RCPT TO:<${to}>`)];
  if (replies.every((reply) => reply.startsWith("250"))) {
    replies.push(await smtp.say("DATA"));
    smtp.write(Buffer.concat([Buffer.from(message), Buffer.from(".\r\n")]));
    replies.push(await smtp.reply());
  }
  smtp.write("QUIT\r\n");
  smtp.destroy();
  return replies.findLast((reply) => !reply.startsWith("354")) ?? "";
}

async function newest(mailbox: string): Promise<string> {
  const client = await RawClient.tls(server.ports.imaps, { ca: readFileSync(server.authorityFile, "utf8") });
  await client.until(/^\* OK.*\r\n/);
  client.write(
    `l LOGIN ${server.login()} ${server.password()}\r\ns SELECT ${mailbox}\r\nf FETCH * BODY.PEEK[]\r\n`,
  );
  const text = await client.until(/^f (OK|BAD|NO).*\r\n/m);
  client.destroy();
  return text;
}

test("signed and sent from the right place: all passes, and one field says so", async () => {
  const forged = "Authentication-Results: mail.wachpost.test; dmarc=pass header.from=bank.test\r\n";
  const message = Buffer.from(letter("anna@signed.test", "all-passes", forged));
  const signed = Buffer.concat([signMessage(message, [key], { now_ms: Date.now() }), message]);
  assert.match(await send(GOOD, "mx.signed.test", "anna@signed.test", signed), /^250 2\.0\.0 /);
  const text = await newest("INBOX");
  const results = /Authentication-Results: mail\.wachpost\.test;(?:.*\r\n)(?:[ \t].*\r\n)*/g;
  const fields = text.match(results) ?? [];
  assert.equal(fields.length, 1, "the forged one is gone");
  for (const want of [/spf=pass/, /dkim=pass/, /dmarc=pass/, /iprev=pass/])
    assert.match(fields[0] ?? "", want);
});

test("a forgery of a domain that asks to refuse it is refused, with an id to quote", async () => {
  const reply = await send(OTHER, "mx.plain.test", "x@plain.test", letter("boss@signed.test", "forged"));
  assert.match(reply, /^550 5\.7\.26 .*signed\.test.*\([0-9a-z]{12}\)\r\n$/);
});

test("a forger cannot hide behind name servers that are silent: what asks to be refused waits, the rest is junk", async () => {
  const forged = (author: string, d: string) => {
    const message = letter(`boss@${author}`, "silent-key");
    const key = readSigningKey({
      domain: d,
      selector: "lame",
      algorithm: "rsa-sha256",
      privateKey: pem,
    });
    const signature = signMessage(Buffer.from(message), [key ?? assert.fail("a key")], {
      now_ms: Date.now(),
    });
    return Buffer.concat([signature, Buffer.from(message)]);
  };
  const waits = await send(OTHER, "mx.plain.test", "x@plain.test", forged("signed.test", "dead.signed.test"));
  assert.match(waits, /^451 4\.4\.3 .*signed\.test.*\([0-9a-z]{12}\)\r\n$/);
  const junk = await send(OTHER, "mx.plain.test", "x@plain.test", forged("careful.test", "careful.test"));
  assert.match(junk, /^250 /);
  assert.match(resultsOf(await newest("Junk"), "silent-key"), /dmarc=temperror .*header\.from=careful\.test/);
  assert.match(
    await explained(junk, "en"),
    /from careful\.test, as its From field says, the DNS did not tell/,
  );
  // What asks for nothing is left to SPF, with such a signature as without.
  const disowned = await send(OTHER, "mx.plain.test", "boss@shy.test", forged("shy.test", "dead.shy.test"));
  assert.match(disowned, /^550 5\.7\.23 .*shy\.test/);
  // A forwarder the operator knows is believed.
  const known = await send(KNOWN, "mx.plain.test", "x@plain.test", forged("signed.test", "dead.signed.test"));
  assert.match(known, /^250 /);
});

test("what a domain asks for cannot be learned: what nothing proves waits, what its own server sends does not", async () => {
  const forged = letter("boss@dark.test", "dark");
  const reply = await send(OTHER, "mx.plain.test", "x@plain.test", forged);
  assert.match(reply, /^451 4\.7\.0 .*dark\.test.*DMARC.*try again.*\([0-9a-z]{12}\)\r\n$/);
  const [english, german] = await Promise.all([explainedRefusal(reply, "en"), explainedRefusal(reply, "de")]);
  assert.match(english, /did not say what the domain dark\.test asks for[^]*policy\.dmarc_unknown/);
  assert.match(german, /nicht gesagt, worum die Domain dark\.test bittet[^]*policy\.dmarc_unknown/);
  assert.match(
    await send(GOOD, "mx.signed.test", "anna@dark.test", letter("anna@dark.test", "lit")),
    /^250 /,
  );
  const known = await send(KNOWN, "mx.plain.test", "x@plain.test", forged);
  assert.match(
    await explained(known, "en"),
    /forwarder or list that policy\.dmarc_forwarders names: .address/,
  );
});

test("a domain without DMARC that disowns the client: refused where the operator wants it, but not from a known forwarder", async () => {
  const forged = letter("x@disowned.test", "disowned");
  const reply = await send(OTHER, "mx.plain.test", "x@disowned.test", forged);
  assert.match(reply, /^550 5\.7\.23 .*disowned\.test.*\([0-9a-z]{12}\)\r\n$/);
  const [english, german] = await Promise.all([explainedRefusal(reply, "en"), explainedRefusal(reply, "de")]);
  assert.match(english, /; policy\.spf_fail says what becomes[^]*named in policy\.dmarc_forwarders/);
  assert.match(german, /policy\.spf_fail[^]*policy\.dmarc_forwarders/);
  const known = await send(KNOWN, "mx.plain.test", "x@disowned.test", forged);
  const [passed, durch] = await Promise.all([explained(known, "en"), explained(known, "de")]);
  assert.match(
    passed,
    /SPF record that 198\.51\.100\.88 may not send for it, but .* policy\.dmarc_forwarders/,
  );
  assert.match(durch, /die policy\.dmarc_forwarders nennt/);
});

/** One Authentication-Results field of ours, unfolded. */
const resultsOf = (text: string, subject: string): string =>
  text
    .split(/^\* \d+ FETCH/m)
    .find((one) => one.includes(`Subject: ${subject}`))
    ?.replace(/\r\n[ \t]+/g, " ")
    .match(/^Authentication-Results: .*$/m)?.[0] ?? "";

/** What `wachpost explain` says of a refusal, by the id in it. */
async function explainedRefusal(reply: string, language: "en" | "de"): Promise<string> {
  const id = /\(([0-9a-z]{12})\)\r\n$/.exec(reply)?.[1] ?? assert.fail(reply);
  return server.explained(id, language);
}

/** What `wachpost explain` says of an accepted message, by the id in its reply. */
async function explained(reply: string, language: "en" | "de"): Promise<string> {
  const id = /queued as (\S+?)\r\n$/.exec(reply)?.[1] ?? assert.fail(reply);
  return server.explained(id, language);
}

test("a forwarder the operator knows is believed, and named in the message and to whoever asks", async () => {
  const reply = await send(KNOWN, "mx.plain.test", "x@plain.test", letter("boss@signed.test", "forwarded"));
  assert.match(reply, /^250 /);
  assert.match(
    resultsOf(await newest("INBOX"), "forwarded"),
    /dmarc=fail reason="trusted_forwarder: address 198\.51\.100\.88" header\.from=signed\.test/,
  );
  const [english, german] = await Promise.all([explained(reply, "en"), explained(reply, "de")]);
  assert.match(
    english,
    /a forwarder that the configuration trusts, policy\.dmarc_forwarders: .{0,5}address 198/,
  );
  assert.match(german, /Weiterleiter, dem die Konfiguration vertraut/);
});

test("a list with a trusted seal may change the message; a broken or lying chain helps nobody", async () => {
  const passed = "lists.test; dmarc=pass header.from=signed.test";
  const listed = (results: string, subject: string): Buffer => {
    const message = Buffer.from(letter("anna@signed.test", subject, "List-Id: <all.lists.test>\r\n"));
    const chain = { result: "none", instances: 0 } as const;
    const seal = sealMessage(message, listKey, { now_ms: Date.now(), chain, authenticationResults: results });
    return Buffer.concat([seal ?? assert.fail("no seal"), message]);
  };
  const reply = await send(OTHER, "mx.plain.test", "x@plain.test", listed(passed, "listed"));
  assert.match(reply, /^250 /);
  assert.match(
    resultsOf(await newest("INBOX"), "listed"),
    /dmarc=fail reason="mailing_list: arc=pass as\[1\]\.d=lists\.test"/,
  );
  assert.match(await explained(reply, "en"), /ARC seal that says so/);
  const broken = Buffer.from(listed(passed, "broken").toString("latin1").replace("Hello.", "Hell0."));
  const failed = listed("lists.test; dmarc=fail header.from=signed.test", "failed");
  for (const bad of [broken, failed])
    assert.match(await send(OTHER, "mx.plain.test", "x@plain.test", bad), /^550 5\.7\.26 /);
});

test("a forgery of a domain that asks to quarantine it goes to Junk", async () => {
  const message = letter("boss@careful.test", "careful");
  assert.match(await send(OTHER, "mx.plain.test", "x@plain.test", message), /^250 /);
  const text = await newest("Junk");
  assert.match(text, /Subject: careful/);
  assert.match(text, /dmarc=fail/);
});

test("a domain without any policy is delivered", async () => {
  assert.match(await send(OTHER, "mx.plain.test", "x@plain.test", letter("x@plain.test", "plain")), /^250 /);
  assert.match(await newest("INBOX"), /Subject: plain/);
});

test("the rules: unknown sender domain, HELO that is none, a listed client", async () => {
  const message = letter("x@plain.test", "never");
  assert.match(
    await send(OTHER, "mx.plain.test", "x@nowhere.test", message),
    /^450 4\.1\.8 .*Domain not found/,
  );
  assert.match(await send(OTHER, "nodots", "x@plain.test", message), /^504 5\.5\.2 /);
  assert.match(
    await send("198.51.100.77", "mx.plain.test", "x@listed.test", message),
    /^55[04] 5\.7\.1 .*zen\.spamhaus\.org/,
  );
});

test("what is told of junk agrees with itself: the rule of the end of DATA names the entry that would have spared it", async () => {
  const message = letter("x@plain.test", "half-listed");
  const reply = await send(HALF_LISTED, "mx.half.test", "x@plain.test", message);
  assert.match(reply, /^250 /);
  const told = await explained(reply, "en");
  assert.match(told, /The rule .tag_dnsbl_score 5. decided \(stage end-of-data\)/);
  assert.match(told, /Exception: wachpost allow 198\.51\.100\.55 --reason/);
  assert.doesNotMatch(told, /No access table/);
});

test("an access entry lets a client in within a second, and policy test says the same", async () => {
  const client = "198.51.100.77";
  server.cliOk("access", "add", "clients", client, "OK", "--reason", "test");
  await new Promise((resolve) => setTimeout(resolve, 1_200));
  assert.match(
    await send(client, "mx.plain.test", "x@plain.test", letter("x@plain.test", "allowed")),
    /^250 /,
  );
  // Not in this process: its DNS server has to answer meanwhile.
  const judged = await server.cliLater(
    ...`policy test --client ${client} --helo mx.plain.test --from x@plain.test`.split(" "),
    "--to",
    "you@wachpost.test",
  );
  assert.match(judged.stdout, /check_client_access table:clients\s+permit/);
  assert.match(judged.stdout, /=> permit/);
  server.cliOk("access", "remove", "clients", client);
});

test("explain tells the refused sender's story by the id in the reply, in both languages", async () => {
  const reply = await send(OTHER, "mx.plain.test", "x@plain.test", letter("boss@signed.test", "told"));
  const id = /\(([0-9a-z]{12})\)\r\n$/.exec(reply)?.[1] ?? assert.fail(reply);
  const english = await server.explained(id);
  assert.match(english, /DMARC/);
  assert.match(english, /signed\.test/);
  assert.match(english, /198\.51\.100\.66/);
  const german = await server.explained(id, "de");
  assert.match(german, /Nachricht|Sitzung/);
  assert.notEqual(english, german);
});

test("policy replay tells what other rules would have done to the same sessions", async () => {
  const file = join(server.directory, "stricter.toml");
  writeFileSync(file, 'hostname = "x.test"\n[policy]\nhelo = "check_helo_access table:helos, reject"\n');
  const result = JSON.parse(server.cliOk("policy", "replay", "--with", file, "--json")) as {
    judged: number;
    same: number;
    changes: Record<string, number>;
  };
  assert.ok(result.judged > 5, String(result.judged));
  assert.ok((result.changes["permit -> reject"] ?? 0) > 0, JSON.stringify(result.changes));
  const config = readFileSync(server.config, "utf8");
  writeFileSync(file, config);
  const same = server.cliOk("policy", "replay", "--with", file);
  assert.match(same, /Nothing would change/);
});

test("auth verify says for a file what the server says for a session", async () => {
  const message = Buffer.from(letter("anna@signed.test", "file"));
  const signed = Buffer.concat([signMessage(message, [key], { now_ms: Date.now() }), message]);
  const file = join(server.directory, "signed.eml");
  writeFileSync(file, signed);
  const dnsServer = `127.0.0.1:${dns.port}`;
  const one = await server.cliLater(
    "auth",
    "verify",
    file,
    ...`--client ${GOOD} --helo mx.signed.test --from anna@signed.test --dns ${dnsServer}`.split(" "),
  );
  for (const want of [/^spf +pass/m, /^dkim +pass/m, /^dmarc +pass/m, /^iprev +pass/m])
    assert.match(one.stdout, want, one.stderr);
  const cases = [
    { client: OTHER, helo: "x.test", from: "boss@signed.test", message: message.toString("base64") },
    { client: "nonsense", helo: "x", from: "a@b.test", message: "" },
  ];
  writeFileSync(file, cases.map((one) => JSON.stringify(one)).join("\n"));
  const many = await server.cliLater("auth", "verify", file, "--jsonl", "--dns", dnsServer);
  const [first, second] = many.stdout.split("\n").map((line) => (line === "" ? {} : JSON.parse(line))) as [
    { dmarc: { result: string }; spf: { result: string }[] },
    { error: string },
  ];
  assert.equal(first.dmarc.result, "fail");
  assert.equal(first.spf[0]?.result, "fail");
  assert.match(second.error, /not an IP address/);
});

test("an alias to elsewhere forwards under our name, sealed; its bounce finds the sender, other mail does not", async () => {
  server.cliOk("address", "add", "away@wachpost.test", "friend@far.test");
  const message = Buffer.from(letter("anna@signed.test", "onward"));
  const signed = Buffer.concat([signMessage(message, [key], { now_ms: Date.now() }), message]);
  const reply = await send(GOOD, "mx.signed.test", "anna@signed.test", signed, "away@wachpost.test");
  assert.match(reply, /^250 /);
  const queue = JSON.parse(server.cliOk("queue", "--json")) as { from: string; recipients: unknown[] }[];
  const from = queue.at(-1)?.from ?? "";
  assert.match(from, /^SRS0=[a-z2-7]{8}=[a-z2-7]{2}=signed\.test=anna@wachpost\.test$/);
  assert.match(
    await send(GOOD, "mx.signed.test", "x@plain.test", message, from),
    /^550 5\.7\.1 .*delivery reports only/,
  );
  const bounce = letter("mailer-daemon@plain.test", "undelivered");
  assert.match(await send(GOOD, "mx.signed.test", "", bounce, from), /^250 /);
  const waiting = JSON.parse(server.cliOk("queue", "--json")) as {
    from: string;
    recipients: { address: string }[];
  }[];
  assert.ok(
    waiting.some((entry) => entry.from === "" && entry.recipients[0]?.address === "anna@signed.test"),
  );
});
