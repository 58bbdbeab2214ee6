import assert from "node:assert/strict";
import { createSocket } from "node:dgram";
import { after, before, test } from "node:test";
import { startDnsServer } from "../../test/simulate/dns-server.ts";
import { ManualClock } from "../base/clock.ts";
import { parseDomain, type Domain } from "../base/domain-name.ts";
import { parseIp } from "../base/ip.ts";
import type { Dns, RecordType } from "./answer.ts";
import { cachedDns } from "./cache.ts";
import { dnsClient } from "./client.ts";
import { decodeMessage, encodeQuery } from "./message.ts";
import { reverseName } from "./reverse.ts";

const LONG = "x".repeat(700);
const ZONE = `
example.test A 192.0.2.1
example.test A 192.0.2.2
example.test AAAA 2001:db8::1
example.test MX 10 mx1.example.test
example.test MX 20 mx2.example.test
example.test TXT v=spf1 -all
null.test MX 0 .
odd.test MX 10 bad..name
odd.test MX 20 ok.test
www.test CNAME a.www.test
a.www.test CNAME example.test
loop.test CNAME loop2.test
loop2.test CNAME loop.test
_25._tcp.mx.test TLSA 3 1 1 abcdef
_imaps._tcp.example.test SRV 0 1 993 mail.example.test
example.test CAA 0 issue ca.test
1.2.0.192.in-addr.arpa PTR mail.example.test
big.test TXT ${LONG}
big.test TXT ${LONG}
cut.test TXT short
cut.test TRUNCATE
slow.test TIMEOUT
broken.test SERVFAIL
liar.test A 192.0.2.66
liar.test LIE
`;

let server: Awaited<ReturnType<typeof startDnsServer>>;
let dns: Dns;
before(async () => {
  server = await startDnsServer({ zone: ZONE, authenticated: true });
  dns = dnsClient([{ address: "127.0.0.1", port: server.port }]);
});
after(() => server.close());

const domain = (name: string): Domain => parseDomain(name) ?? assert.fail(name);

const cases: readonly { name: string; type: RecordType; want: unknown }[] = [
  { name: "example.test", type: "A", want: ["192.0.2.1", "192.0.2.2"] },
  { name: "example.test", type: "AAAA", want: ["2001:db8::1"] },
  {
    name: "example.test",
    type: "MX",
    want: [
      { preference: 10, exchange: "mx1.example.test" },
      { preference: 20, exchange: "mx2.example.test" },
    ],
  },
  { name: "example.test", type: "TXT", want: ["v=spf1 -all"] },
  { name: "null.test", type: "MX", want: [{ preference: 0, exchange: "" }] },
  { name: "www.test", type: "A", want: ["192.0.2.1", "192.0.2.2"] },
  { name: "www.test", type: "CNAME", want: ["a.www.test"] },
  {
    name: "_25._tcp.mx.test",
    type: "TLSA",
    want: [{ usage: 3, selector: 1, matching: 1, data: Buffer.from("abcdef", "hex") }],
  },
  {
    name: "_imaps._tcp.example.test",
    type: "SRV",
    want: [{ priority: 0, weight: 1, port: 993, target: "mail.example.test" }],
  },
  { name: "example.test", type: "CAA", want: [{ flags: 0, tag: "issue", value: "ca.test" }] },
  { name: "1.2.0.192.in-addr.arpa", type: "PTR", want: ["mail.example.test"] },
  { name: "big.test", type: "TXT", want: [LONG, LONG] },
  { name: "cut.test", type: "TXT", want: ["short"] },
];
for (const { name, type, want } of cases) {
  test(`${name} ${type}`, async () => {
    const answer = await dns.query(domain(name), type);
    assert.ok(answer.kind === "records", JSON.stringify(answer));
    assert.deepEqual(answer.records, want);
    assert.equal(answer.authenticated, true, "AD from loopback counts");
  });
}

const absent: readonly { name: string; type: RecordType; want: string }[] = [
  { name: "nowhere.test", type: "A", want: "nxdomain" },
  { name: "null.test", type: "A", want: "nodata" },
  { name: "_tcp.mx.test", type: "TLSA", want: "nodata" },
  { name: "broken.test", type: "A", want: "failure servfail" },
  { name: "loop.test", type: "A", want: "failure alias-loop" },
];
for (const { name, type, want } of absent) {
  test(`${name} ${type} is ${want}`, async () => {
    const answer = await dns.query(domain(name), type);
    assert.equal(answer.kind === "failure" ? `failure ${answer.reason}` : answer.kind, want);
  });
}

test("silence and forged ids end as timeout within the budget (D-47)", { timeout: 8000 }, async () => {
  const started = performance.now();
  const answers = await Promise.all([
    dns.query(domain("slow.test"), "A"),
    dns.query(domain("liar.test"), "A"),
  ]);
  assert.deepEqual(
    answers.map((answer) => answer.kind === "failure" && answer.reason),
    ["timeout", "timeout"],
  );
  assert.ok(performance.now() - started < 6000);
});

test("a resolver that no route leads to is a failed question and not the end of the process", async () => {
  // The system refuses to connect to the broadcast address at once, as it does without a network.
  const answer = await dnsClient([{ address: "255.255.255.255", port: 53 }]).query(
    domain("example.org"),
    "A",
  );
  assert.deepEqual(answer, { kind: "failure", reason: "reset" });
});

test("nobody listens: the next server is asked", async () => {
  const dead = createSocket("udp4");
  await new Promise<void>((resolve) => dead.bind(0, "127.0.0.1", resolve));
  const { port } = dead.address();
  dead.close();
  const both = dnsClient([
    { address: "127.0.0.1", port },
    { address: "127.0.0.1", port: server.port },
  ]);
  assert.equal((await both.query(domain("example.test"), "A")).kind, "records");
});

test("the cache asks once per TTL, also for absence, and never keeps failures", async () => {
  const clock = new ManualClock();
  const cached = cachedDns(dns, clock);
  const count = (line: string): number => server.asked.filter((asked) => asked === line).length;
  const before = count("example.test MX");
  await Promise.all([cached.query(domain("example.test"), "MX"), cached.query(domain("example.test"), "MX")]);
  await cached.query(domain("example.test"), "MX");
  assert.equal(count("example.test MX") - before, 1);
  assert.deepEqual(
    cached.known?.(domain("example.test"), "MX"),
    await cached.query(domain("example.test"), "MX"),
  );
  assert.equal(cached.known?.(domain("example.test"), "A"), undefined, "another question");
  clock.advance(61_000);
  assert.equal(cached.known?.(domain("example.test"), "MX"), undefined, "its time is over");
  await cached.query(domain("example.test"), "MX");
  assert.equal(count("example.test MX") - before, 2);
  await cached.query(domain("absent.test"), "A");
  await cached.query(domain("absent.test"), "A");
  assert.equal(count("absent.test A"), 1);
  const failures = count("broken.test A");
  await cached.query(domain("broken.test"), "A");
  await cached.query(domain("broken.test"), "A");
  assert.equal(count("broken.test A") - failures, 6, "three tries each");
  assert.equal(cached.known?.(domain("broken.test"), "A"), undefined);
});

test("reverse names", () => {
  const name = (text: string): string => reverseName(parseIp(text) ?? assert.fail(text));
  assert.equal(name("192.0.2.1"), "1.2.0.192.in-addr.arpa");
  assert.equal(
    name("2001:db8::1"),
    "1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa",
  );
});

const header = "0001 8180 0001 0001 0000 0000";
const malformed: readonly [name: string, hex: string][] = [
  ["empty", ""],
  ["header only half", "0001 8180"],
  ["question missing", header],
  ["name points at itself", `${header} c00c 0001 0001`],
  ["name points forward", `${header} c020 0001 0001 00 00`],
  ["label of 64", `${header} 40${"61".repeat(64)} 00 0001 0001`],
  ["record cut", `${header} 01 61 00 0001 0001 c00c 0001 0001 00000000 0004 7f00`],
  ["A with five octets", `${header} 01 61 00 0001 0001 c00c 0001 0001 00000000 0005 7f00000101`],
  ["two questions", "0001 8180 0002 0000 0000 0000"],
];
for (const [name, hex] of malformed) {
  test(`malformed: ${name}`, () =>
    assert.equal(decodeMessage(Buffer.from(hex.replaceAll(" ", ""), "hex")), undefined));
}

test("decoding never throws", () => {
  const good = encodeQuery(7, domain("example.test"), "MX");
  let state = 1;
  const random = (limit: number): number => (state = (state * 48_271) % 2_147_483_647) % limit;
  for (let i = 0; i < Number(process.env["FUZZ_RUNS"] ?? 20_000); i++) {
    const octets = Buffer.from(good);
    for (let changes = random(6); changes >= 0; changes--) octets[random(octets.length)] = random(256);
    decodeMessage(octets.subarray(0, random(octets.length + 1)));
  }
});
