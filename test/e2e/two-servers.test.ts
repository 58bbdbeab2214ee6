/** Two servers that find each other through the DNS: mail in both directions, an absent peer, notices, loops. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { startDnsServer } from "../simulate/dns-server.ts";
import { arrival, letter, lettersOf, submit } from "./mail-programs.ts";
import { freePort, TestServer } from "./server.ts";

const ZONE = `
a.test MX 10 mail.a.test
mail.a.test A 127.0.0.2
b.test MX 10 mail.b.test
mail.b.test A 127.0.0.3
a.test TXT v=spf1 ip4:127.0.0.2 -all
b.test TXT v=spf1 ip4:127.0.0.3 -all
null.test MX 0 .
self.test MX 10 mail.a.test
third.test MX 10 mail.b.test
out.a.test A 127.0.0.5
`;

let dns: Awaited<ReturnType<typeof startDnsServer>>;
let a: TestServer;
let b: TestServer;
before(async () => {
  dns = await startDnsServer({ zone: ZONE });
  // Outbound has one port for all peers, so both listen on the same one.
  const smtp = await freePort("127.0.0.2");
  const settings = (host: string, domain: string) => ({
    host,
    domain,
    users: ["you", "other"],
    ports: { smtp },
    toml: [
      `[outbound]\nport = ${smtp}\nlocal_address = "${host}"\nsignatures_end = ${host === "127.0.0.2"}`,
      '[[outbound.transports]]\ndomain = "third.test"\nkind = "direct"\nlocal_address = ["127.0.0.5"]\nhelo_name = "out.a.test"',
      `[dns]\nservers = ["127.0.0.1:${dns.port}"]`,
      "[queue]\nfirst_retry_s = 10\nretry_max_s = 60",
    ].join("\n"),
  });
  [a, b] = await Promise.all([
    TestServer.start(settings("127.0.0.2", "a.test")),
    TestServer.start(settings("127.0.0.3", "b.test")),
  ]);
});
after(async () => {
  await Promise.all([a[Symbol.asyncDispose](), b[Symbol.asyncDispose]()]);
  dns.close();
});

/** The fields of a part of a notice: groups by blank lines, names in lower case, folded lines joined. */
function fieldGroups(part: string): ReadonlyMap<string, string>[] {
  return part
    .trim()
    .split("\r\n\r\n")
    .map((group) => {
      const lines = group.replace(/\r\n[ \t]+/g, " ").split("\r\n");
      const pairs = lines.map((line) => /^([A-Za-z-]+):\s*(.*)$/.exec(line) ?? assert.fail(line));
      return new Map(pairs.map(([, name = "", value = ""]) => [name.toLowerCase(), value]));
    });
}

/** The parts of a multipart/report (RFC 6522 §3), each as content type and body. */
function reportParts(notice: string): { type: string; body: string }[] {
  const header = notice.slice(0, notice.indexOf("\r\n\r\n")).replace(/\r\n[ \t]+/g, " ");
  const type = /^Content-Type: multipart\/report; report-type=delivery-status; boundary="([^"]+)"/m;
  const boundary = type.exec(header)?.[1] ?? assert.fail(header);
  assert.match(header, /^Auto-Submitted: auto-replied/m);
  assert.match(header, /^Return-Path: <>/m);
  const pieces = notice.split(`\r\n--${boundary}`);
  assert.equal(pieces.at(-1)?.trim(), "--", "the last boundary closes");
  return pieces.slice(1, -1).map((piece) => {
    const end = piece.indexOf("\r\n\r\n");
    return {
      type: /^Content-Type: ([^;\r\n]+)/m.exec(piece.slice(0, end))?.[1] ?? "",
      body: piece.slice(end + 4),
    };
  });
}

/** Of a notice: the per-recipient fields and what it returns of the message. */
function noticeOf(text: string): { recipient: ReadonlyMap<string, string>; returned: string } {
  const parts = reportParts(text);
  assert.deepEqual(
    parts.slice(0, 2).map(({ type }) => type),
    ["text/plain", "message/delivery-status"],
  );
  const [message, recipient] = fieldGroups(parts[1]?.body ?? "");
  assert.match(message?.get("reporting-mta") ?? "", /^dns; mail\.[ab]\.test$/);
  assert.match(message?.get("arrival-date") ?? "", /^\w{3}, \d/);
  assert.match(parts[2]?.type ?? "", /^(message\/rfc822|text\/rfc822-headers|message\/rfc822-headers)$/);
  return { recipient: recipient ?? assert.fail("no recipient fields"), returned: parts[2]?.body ?? "" };
}

test("mail in both directions, with TLS between the two", async () => {
  await submit(a, "you", "you@b.test", letter("you@a.test", "you@b.test", "from-a"));
  await submit(b, "you", "you@a.test", letter("you@b.test", "you@a.test", "from-b"));
  for (const [text, from, by] of [
    [await arrival(b, "you", /Subject: from-a/), "a.test", "b.test"],
    [await arrival(a, "you", /Subject: from-b/), "b.test", "a.test"],
  ] as const) {
    const unfolded = text.replace(/\r\n[ \t]+/g, " ");
    assert.match(unfolded, new RegExp(`^Return-Path: <you@${from}>`, "m"));
    const received = unfolded.match(/^Received: .*$/gm) ?? [];
    assert.equal(received.length, 2, "one of each server");
    assert.match(
      received[0] ?? "",
      new RegExp(`from mail\\.${from} .* by mail\\.${by} with ESMTPS tls TLS_\\S+ id \\S+ for <you@${by}>;`),
    );
    assert.match(received[1] ?? "", new RegExp(`by mail\\.${from} with ESMTPSA tls`));
    assert.match(unfolded, new RegExp(`^DKIM-Signature: .*d=${from}`, "m"));
    assert.equal(/^DKIM-Signature: .*; x=[0-9]+;/m.test(unfolded), from === "a.test", "only a.test's end");
  }
});

test("mail for some domains leaves from addresses of their own, and the receiving server sees them", async () => {
  b.cliOk("domain", "add", "third.test");
  b.cliOk("address", "add", "you@third.test", b.login());
  for (const [domain, address, name] of [
    ["third.test", "127.0.0.5", "out.a.test"],
    ["b.test", "127.0.0.2", "mail.a.test"],
  ] as const) {
    await submit(a, "you", `you@${domain}`, letter("you@a.test", `you@${domain}`, `to-${domain}`));
    const text = await arrival(b, "you", new RegExp(`Subject: to-${domain}`));
    const [, helo, seen] = /^Received: from (\S+) \([^)]*\[([0-9.]+)\]\)/m.exec(text) ?? [];
    assert.deepEqual([helo, seen], [name, address], text);
  }
});

test("an unknown user: a correct notice in the sender's INBOX", async () => {
  await submit(a, "you", "nobody@b.test", letter("you@a.test", "nobody@b.test", "to-nobody"));
  const { recipient, returned } = noticeOf(
    await arrival(a, "you", /Final-Recipient: rfc822; nobody@b\.test/),
  );
  assert.equal(recipient.get("action"), "failed");
  assert.equal(recipient.get("status"), "5.1.1");
  assert.equal(recipient.get("remote-mta"), "dns; mail.b.test");
  assert.match(recipient.get("diagnostic-code") ?? "", /^smtp; 550 5\.1\.1 .*nobody@b\.test/);
  assert.match(returned, /Subject: to-nobody/);
});

test("null MX, unknown domain, an MX that is ourselves: returned at once", async () => {
  for (const [to, status, words] of [
    ["x@null.test", "5.1.10", /null MX/],
    ["x@nowhere.test", "5.1.2", /nowhere\.test does not exist/],
    ["x@self.test", "5.4.6", /loops back/],
  ] as const) {
    await submit(a, "other", to, letter("other@a.test", to, `to-${to}`));
    const { recipient } = noticeOf(await arrival(a, "other", new RegExp(`Final-Recipient: rfc822; ${to}`)));
    assert.equal(recipient.get("status"), status);
    assert.match(recipient.get("diagnostic-code") ?? "", words);
    assert.equal(recipient.get("remote-mta"), undefined, "nobody was asked");
  }
});

test("two addresses that forward to each other: the first that sees the message again ends it", async () => {
  a.cliOk("address", "add", "loop@a.test", "loop@b.test");
  b.cliOk("address", "add", "loop@b.test", "loop@a.test");
  await submit(a, "you", "loop@b.test", letter("you@a.test", "loop@b.test", "in-a-loop"));
  const text = await arrival(a, "you", /it runs in a circle/);
  const { recipient, returned } = noticeOf(text);
  assert.equal(recipient.get("status"), "5.4.6");
  const hops = returned.match(/^Received: /gm)?.length ?? 0;
  assert.equal(hops, 3, "one by each server on the way, and the first one's submission");
  assert.match(returned, /^Delivered-To: loop@b\.test\r$/m);
  for (const server of [a, b]) assert.deepEqual(JSON.parse(server.cliOk("queue", "list", "--json")), []);
});

type Queued = {
  id: string;
  from: string;
  recipients: { address: string; state: string; lastReply?: string }[];
};
const queueOf = (server: TestServer): Queued[] => JSON.parse(server.cliOk("queue", "--json")) as Queued[];

/** Until the first try has failed. */
async function waiting(server: TestServer): Promise<Queued> {
  for (let i = 0; i < 100; i++) {
    const [entry] = queueOf(server);
    if (entry?.recipients[0]?.lastReply !== undefined) return entry;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  return assert.fail("nothing waits");
}

test("one is stopped for a while: the mail waits, survives kill -9, and arrives by itself, once", async () => {
  await b.stop();
  await submit(a, "you", "you@b.test", letter("you@a.test", "you@b.test", "waits"));
  const entry = await waiting(a);
  assert.equal(entry.from, "you@a.test");
  assert.match(entry.recipients[0]?.lastReply ?? "", /^45\d 4\.4\.\d /);
  assert.match(a.cliOk("queue", "list"), /you@a\.test +you@b\.test +next /);
  await a.kill();
  await Promise.all([a.start(), b.start()]);
  await arrival(b, "you", /Subject: waits/);
  const copies = (await lettersOf(b)).filter(({ text }) => text.includes("Subject: waits"));
  assert.equal(copies.length, 1);
  assert.deepEqual(queueOf(a), []);
});

test("the other way round, hurried by `queue flush`", async () => {
  await a.stop();
  await submit(b, "you", "you@a.test", letter("you@b.test", "you@a.test", "hurried"));
  const { id } = await waiting(b);
  await a.start();
  b.cliOk("queue", "flush", id);
  await arrival(a, "you", /Subject: hurried/);
});
