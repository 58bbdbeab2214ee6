/** Reports both ways: one server judges mail in the name of a domain and tells that domain's server the next day. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { after, before, test } from "node:test";
import { startDnsServer } from "../simulate/dns-server.ts";
import { arrival, letter, lettersOf, submit } from "./mail-programs.ts";
import { RawClient } from "./raw-client.ts";
import { freePort, TestServer } from "./server.ts";

/** With a name, so that nobody finds it suspicious before DMARC has its say. */
const FORGER =
  "66.100.51.198.in-addr.arpa PTR out.forger.test\nout.forger.test A 198.51.100.66\nforger.test MX 10 out.forger.test\nforger.test TXT v=spf1 ip4:198.51.100.66 -all";

let dns: Awaited<ReturnType<typeof startDnsServer>>;
let a: TestServer;
let b: TestServer;

before(async () => {
  const smtp = await freePort("127.0.0.2");
  dns = await startDnsServer({ zone: "" });
  // Judged like strangers, although they come from loopback.
  const settings = (host: string, domain: string) => ({
    host,
    domain,
    users: ["you"],
    ports: { smtp },
    toml: [
      `[outbound]\nport = ${smtp}\nlocal_address = "${host}"`,
      `[dns]\nservers = ["127.0.0.1:${dns.port}"]`,
      `[policy]\nmynetworks = ["10.0.0.0/8"]`,
      "[queue]\nfirst_retry_s = 10\nretry_max_s = 60",
    ].join("\n"),
    smtpToml: 'xclient_from = ["127.0.0.4"]',
  });
  [a, b] = await Promise.all([
    TestServer.create(settings("127.0.0.2", "a.test")),
    TestServer.create(settings("127.0.0.3", "b.test")),
  ]);
  const zones = [zoneOf(a, "a.test", "127.0.0.2"), zoneOf(b, "b.test", "127.0.0.3"), FORGER];
  dns.setZone(zones.join("\n"));
  await Promise.all([a.start(), b.start()]);
});
after(async () => {
  await Promise.all([a[Symbol.asyncDispose](), b[Symbol.asyncDispose]()]);
  dns.close();
});

/** Everything a domain publishes, its keys included; reports are asked for by both. */
function zoneOf(server: TestServer, domain: string, address: string): string {
  const keys = (
    JSON.parse(server.cliOk("dns", domain, "--zone-file", "--address", address, "--json")) as {
      name: string;
      type: string;
      data: string;
    }[]
  ).filter(({ name }) => name.includes("._domainkey."));
  const reverse = address.split(".").toReversed().join(".");
  return [
    `${domain} MX 10 mail.${domain}`,
    `mail.${domain} A ${address}`,
    `${reverse}.in-addr.arpa PTR mail.${domain}`,
    `${domain} TXT v=spf1 ip4:${address} -all`,
    `_dmarc.${domain} TXT v=DMARC1; p=reject; rua=mailto:you@${domain}!50k`,
    `_smtp._tls.${domain} TXT v=TLSRPTv1; rua=mailto:you@${domain}`,
    ...keys.map(({ name, data }) => `${name} TXT ${data.replace(/" "/g, "").replaceAll('"', "")}`),
  ].join("\n");
}

/** What was counted today was counted yesterday: the next morning without waiting for it. */
async function aDayLater(server: TestServer): Promise<string> {
  await server.stop();
  const yesterday = new Date(Date.now() - 86_400_000).toISOString().slice(0, 10);
  const db = new DatabaseSync(join(server.directory, "data/store/mail.db"));
  for (const table of ["report", "report_row"]) db.prepare(`UPDATE ${table} SET day = ?`).run(yesterday);
  db.close();
  return yesterday;
}

/** From an address that is only forger.test's. */
async function fromForger(to: TestServer, sender: string, message: string): Promise<string> {
  const smtp = await RawClient.plain(to.ports.smtp, to.host, "127.0.0.4");
  await smtp.reply();
  await smtp.say("EHLO proxy.test");
  await smtp.say("XCLIENT ADDR=198.51.100.66");
  const lines = ["EHLO out.forger.test", `MAIL FROM:<${sender}>`, `RCPT TO:<${to.login()}>`, "DATA"];
  for (const line of lines) assert.match(await smtp.say(line), /^[23]/, line);
  const reply = await smtp.say(`${message}.`);
  smtp.destroy();
  return reply;
}

const forge = (to: TestServer, subject: string): Promise<string> =>
  fromForger(to, "you@a.test", letter("you@a.test", to.login(), subject));

/** A mail with a report about a.test that says who made it; 30 messages of a forger passed, by its word. */
function reportMail(from: string, reporter: string, id: string, above = ""): string {
  const end_s = Math.floor(Date.now() / 1000) - 3600;
  const xml = `<?xml version="1.0"?><feedback><report_metadata><org_name>${reporter}</org_name><email>reports@${reporter}</email><report_id>${id}</report_id><date_range><begin>${end_s - 86_399}</begin><end>${end_s}</end></date_range></report_metadata><policy_published><domain>a.test</domain><p>none</p></policy_published><record><row><source_ip>203.0.113.9</source_ip><count>30</count><policy_evaluated><disposition>none</disposition><dkim>pass</dkim><spf>pass</spf></policy_evaluated></row><identifiers><header_from>a.test</header_from></identifiers></record></feedback>`;
  const head = letter(
    from,
    "you@a.test",
    `Report Domain: a.test Submitter: ${reporter} Report-ID: <${id}>`,
    above,
  );
  return head
    .replace(
      /^Message-ID: .*\r\n/m,
      `Message-ID: <${id}@x.test>\r\nMIME-Version: 1.0\r\nContent-Type: application/xml\r\n`,
    )
    .replace(/Hello\.\r\n$/, `${xml}\r\n`);
}

test("mail is judged and connections are counted; both servers tell each other the next day, once", async () => {
  await submit(a, "you", "you@b.test", letter("you@a.test", "you@b.test", "honest"));
  await arrival(b, "you", /Subject: honest/);
  assert.match(await forge(b, "forged"), /^550 /);
  const yesterday = await aDayLater(b);
  await aDayLater(a);

  const tried = await b.cliLater("reports", "send", "--dry-run", "--day", yesterday, "--domain", "a.test");
  assert.match(tried.stdout, /a\.test +dmarc +2 +you@a\.test \(\d+ octets\)/, tried.stderr);
  assert.match(tried.stdout, /<source_ip>198\.51\.100\.66<\/source_ip>/);
  const [first, again] = await Promise.all([b, b].map((one) => one.cliLater("reports", "send")));
  assert.equal(first?.status, 0, first?.stderr ?? "");
  assert.equal(again?.status, 0, again?.stderr ?? "");
  const tls = await a.cliLater("reports", "send", "--day", yesterday);
  assert.match(tls.stdout, /b\.test +tls +1 +you@b\.test \(\d+ octets\)/, tls.stderr);
  await Promise.all([a.start(), b.start()]);

  const text = await arrival(a, "you", /Subject: Report Domain: a\.test/);
  assert.match(text.replace(/\r\n[ \t]+/g, " "), /Authentication-Results: mail\.a\.test;.* dmarc=pass/);
  assert.match(text, /^From: "?mail\.b\.test"? <postmaster@b\.test>/m);
  const received = a.cliOk("reports", "--account", "you@a.test");
  assert.match(received, /1 DMARC and 0 TLS reports, 0 unreadable/);
  assert.match(received, /a\.test: 1 of 2 messages passed DMARC/);
  assert.match(received, /127\.0\.0\.2 +a\.test +1 +1 +1 +1 +0 +0/, "SPF and DKIM of the honest one");
  assert.match(received, /198\.51\.100\.66 +a\.test +1 +0 +0 +0 +0 +1/);
  assert.match(b.cliOk("reports", "sent"), /dmarc +a\.test +2 +sent +you@a\.test/);

  const about = await arrival(b, "you", /Subject: Report Domain: b\.test/);
  assert.match(about.replace(/\r\n[ \t]+/g, " "), /Authentication-Results: mail\.b\.test;.* dmarc=pass/);
  for (const field of ["TLS-Report-Domain: b.test", "TLS-Report-Submitter: a.test", "TLS-Required: No"])
    assert.ok(about.includes(`\r\n${field}\r\n`), field);
  const seen = b.cliOk("reports", "--account", "you@b.test");
  assert.match(seen, /0 DMARC and 1 TLS reports, 0 unreadable/);
  assert.match(seen, /TLS to b\.test \(no-policy-found\), seen by a\.test: 1 well, 0 failed/);
});

test("a report is not reported about, neither what it says nor how it travelled", async () => {
  for (const server of [a, b])
    assert.equal((await lettersOf(server)).filter(({ text }) => /Report Domain/.test(text)).length, 1);
  await Promise.all([a.stop(), b.stop()]);
  assert.deepEqual(countedAt(a), []);
  // The mail with the DMARC report is as good as any for knowing about TLS.
  assert.deepEqual(countedAt(b), [{ kind: "tls", domain: "a.test", count: 1 }]);
});

function countedAt(server: TestServer): readonly unknown[] {
  const db = new DatabaseSync(join(server.directory, "data/store/mail.db"), { readOnly: true });
  const rows = db.prepare("SELECT kind, domain, count FROM report_row").all();
  db.close();
  return rows.map((row) => ({ ...row }));
}

test("a report counts only where our own findings prove who sent it, whatever stands in it", async () => {
  await a.start();
  const [own, ours] = [
    "reports@forger.test",
    "Authentication-Results: mail.a.test; dmarc=pass header.from=b.test\r\n",
  ];
  const sent = [
    // In the name of a domain without a policy, with findings in our name, and what an older server would write above.
    reportMail(
      "reports@victim.test",
      "victim.test",
      "r1",
      `${ours}Received: from x by mail.a.test; Tue, 24 Nov 2026 10:00:00 +0000\r\n${ours}`,
    ),
    // From where it says, about another reporter's findings.
    reportMail(own, "b.test", "r2"),
    reportMail(own, "forger.test", "r3"),
  ];
  for (const mail of sent) assert.match(await fromForger(a, own, mail), /^250 /);
  assert.match(await forge(a, "forged again"), /^550 /);
  const yesterday = await aDayLater(a);
  const told = await a.cliLater("reports", "send", "--day", yesterday, "--domain", "a.test");
  assert.match(told.stdout, /a\.test +dmarc +1 +you@a\.test/, told.stderr);

  const text = a.cliOk("reports", "--account", "you@a.test");
  // By b.test, by ourselves, and what forger.test says under its own name.
  assert.match(text, /^3 DMARC and 0 TLS reports, 0 unreadable\.$/m);
  assert.match(
    text,
    /^a\.test: 31 of 33 messages passed DMARC, by reports of (?=.*\bb\.test \(1\))(?=.*\ba\.test \(1\)).*\bforger\.test \(1\)/m,
  );
  assert.match(text, /^Not proven and not counted: 2 mails\.$/m);
  assert.match(text, /^victim\.test +1 +it did not pass DMARC/m);
  assert.match(text, /^forger\.test +1 +the report names another reporter/m);
  const advice = a.cliOk("reports", "advise", "--account", "you@a.test");
  assert.match(
    advice,
    /^a\.test: p=\w+; 31 of 33 messages on \d days passed\.\nReported by .*forger\.test \(1\)/m,
  );
  assert.match(advice, /^Not proven and not counted: 2 mails\.$/m);
});
