import assert from "node:assert/strict";
import { test } from "node:test";
import type { Domain } from "../base/domain-name.ts";
import { parseCidr, type Cidr } from "../base/ip.ts";
import type { Dns, DnsAnswer, RecordType } from "../dns/answer.ts";
import { routeTo, type Routing } from "./route.ts";
import type { Source } from "./source.ts";
import type { Destination, NextHop } from "./transport.ts";

/** `name TYPE data`, one a line; a name that stands alone exists without records; `FAIL` for data: no answer. */
function zone(text: string): Dns {
  const rows = text.split("\n").map((line) => line.trim().split(/\s+/));
  const query = async (name: Domain, type: RecordType): Promise<DnsAnswer<unknown>> => {
    const meta = { ttl_s: 60, authenticated: false };
    const here = rows.filter(([owner]) => owner === name);
    if (here.length === 0) return { kind: "nxdomain", ...meta };
    const records = here.filter(([, rowType]) => rowType === type);
    if (records.some(([, , data]) => data === "FAIL")) return { kind: "failure", reason: "servfail" };
    if (records.length === 0) return { kind: "nodata", ...meta };
    const decoded = records.map(([, , first = "", second = ""]) =>
      type === "MX" ? { preference: Number(first), exchange: second === "." ? "" : second } : first,
    );
    return { kind: "records", records: decoded, ...meta };
  };
  return { query: query as Dns["query"] };
}

const own = ["192.0.2.99", "2001:db8::99", "198.51.100.0/24"].flatMap((text): Cidr[] => {
  const cidr = parseCidr(text);
  return cidr ? [cidr] : [];
});
const routing = (text: string, change: Partial<Routing> = {}): Routing => ({
  dns: zone(text),
  random: () => 0.999,
  hostName: "mail.ours.test",
  ownAddresses: own,
  smtpPort: 25,
  ...change,
});
const mx = (domain: string, source?: Source): Destination => ({
  kind: "mx",
  key: domain,
  domain,
  ...(source === undefined ? {} : { source }),
});
const FOUR = { ipv4: "192.0.2.99" };
const SIX = { ipv6: "2001:db8::99" };

async function show(destination: Destination, world: Routing): Promise<string> {
  const route = await routeTo(destination, world);
  if (route.ok) return route.value.map(({ name, address, port }) => `${name}/${address}:${port}`).join(" ");
  return `${route.error.code} ${route.error.enhanced} ${route.error.reason}`;
}

const cases = [
  {
    name: "hosts by preference",
    zone: "x.test MX 20 b.test\nx.test MX 10 a.test\na.test A 192.0.2.1\nb.test A 192.0.2.2",
    want: "a.test/192.0.2.1:25 b.test/192.0.2.2:25",
  },
  { name: "A fallback only without MX", zone: "x.test A 192.0.2.1", want: "x.test/192.0.2.1:25" },
  { name: "AAAA fallback", zone: "x.test AAAA 2001:db8::1", want: "x.test/2001:db8::1:25" },
  {
    name: "no fallback where there is an MX that has no address",
    zone: "x.test A 192.0.2.1\nx.test MX 10 gone.test",
    want: "550 5.4.4 no-address",
  },
  { name: "null MX", zone: "x.test MX 0 .\nx.test A 192.0.2.1", want: "556 5.1.10 null-mx" },
  {
    name: "null MX beside others is ignored",
    zone: "x.test MX 0 .\nx.test MX 5 a.test\na.test A 192.0.2.1",
    want: "a.test/192.0.2.1:25",
  },
  { name: "no such domain", zone: "y.test A 192.0.2.1", want: "550 5.1.2 no-domain" },
  { name: "exists without mail host", zone: "x.test TXT hello", want: "550 5.4.4 no-address" },
  { name: "MX question fails", zone: "x.test MX FAIL\nx.test A 192.0.2.1", want: "451 4.4.3 dns-failure" },
  {
    name: "address question of the only host fails",
    zone: "x.test MX 10 a.test\na.test A FAIL",
    want: "451 4.4.3 dns-failure",
  },
  {
    name: "one host fails, another is there",
    zone: "x.test MX 10 a.test\nx.test MX 20 b.test\na.test A FAIL\nb.test A 192.0.2.2",
    want: "b.test/192.0.2.2:25",
  },
  {
    name: "IPv6 and IPv4 in turn",
    zone: "x.test MX 1 a.test\na.test A 192.0.2.1\na.test A 192.0.2.2\na.test AAAA 2001:db8::1",
    want: "a.test/2001:db8::1:25 a.test/192.0.2.1:25 a.test/192.0.2.2:25",
  },
  {
    name: "our name drops it, its equals and what is worse",
    zone: [
      "x.test MX 10 a.test",
      "x.test MX 20 mail.ours.test",
      "x.test MX 20 equal.test",
      "x.test MX 30 worse.test",
      "a.test A 192.0.2.1",
      "mail.ours.test A 192.0.2.50",
      "equal.test A 192.0.2.3",
      "worse.test A 192.0.2.4",
    ].join("\n"),
    want: "a.test/192.0.2.1:25",
  },
  {
    name: "our address under another name",
    zone: "x.test MX 10 a.test\na.test A 192.0.2.99",
    want: "554 5.4.6 routing-loop",
  },
  { name: "our IPv6 address", zone: "x.test AAAA 2001:db8:0::99", want: "554 5.4.6 routing-loop" },
  { name: "our network", zone: "x.test A 198.51.100.7", want: "554 5.4.6 routing-loop" },
  { name: "0.0.0.0 is this machine", zone: "x.test A 0.0.0.0", want: "554 5.4.6 routing-loop" },
  {
    name: "our address mapped into IPv6",
    zone: "x.test AAAA ::ffff:192.0.2.99",
    want: "554 5.4.6 routing-loop",
  },
  {
    name: "we are the backup and the primary has no address now",
    zone: "x.test MX 10 a.test\nx.test MX 20 mail.ours.test\na.test A FAIL\nmail.ours.test A 192.0.2.99",
    want: "451 4.4.3 dns-failure",
  },
];
for (const { name, zone: text, want } of cases) {
  test(`route: ${name}`, async () => assert.equal(await show(mx("x.test"), routing(text)), want));
}

const literals = [
  { domain: "[192.0.2.7]", want: "192.0.2.7/192.0.2.7:25" },
  { domain: "[ipv6:2001:db8::7]", want: "2001:db8::7/2001:db8::7:25" },
  { domain: "[192.0.2.99]", want: "554 5.4.6 routing-loop" },
  { domain: "[nonsense]", want: "553 5.1.3 bad-domain" },
  { domain: "a b", want: "553 5.1.3 bad-domain" },
];
for (const { domain, want } of literals) {
  test(`route: literal ${domain}`, async () => assert.equal(await show(mx(domain), routing("")), want));
}

const hop = (host: string, source?: Source): Destination => {
  const nextHop: NextHop = { match: "*", kind: "smtp", host, port: 587, tls: "verify" };
  return { kind: "next-hop", key: host, nextHop, ...(source === undefined ? {} : { source }) };
};
const hops = [
  { host: "192.0.2.99", want: "192.0.2.99/192.0.2.99:587" },
  { host: "smart.test", want: "smart.test/192.0.2.5:587" },
  { host: "localhost", want: "localhost/::1:587 localhost/127.0.0.1:587" },
  { host: "/run/lmtp.sock", want: "mail.ours.test//run/lmtp.sock:587" },
  { host: "gone.test", want: "451 4.3.5 bad-next-hop" },
  { host: "broken.test", want: "451 4.4.3 dns-failure" },
  { host: "not a host", want: "451 4.3.5 bad-next-hop" },
];
for (const { host, want } of hops) {
  test(`route: next hop ${host}`, async () => {
    const text = "smart.test MX 10 other.test\nsmart.test A 192.0.2.5\nbroken.test A FAIL";
    assert.equal(await show(hop(host), routing(text)), want);
  });
}

test("route: IPv6 only where there is nothing else while our address has no name (T-64)", async () => {
  const text =
    "x.test MX 1 a.test\nx.test MX 2 b.test\na.test AAAA 2001:db8::1\nb.test A 192.0.2.2\nb.test AAAA 2001:db8::2\nsix.test MX 1 a.test";
  const unnamed = { mayUseIpv6: () => false };
  assert.equal(await show(mx("x.test"), routing(text, unnamed)), "b.test/192.0.2.2:25");
  assert.equal(await show(mx("six.test"), routing(text, unnamed)), "a.test/2001:db8::1:25");
  const named = { mayUseIpv6: () => true };
  assert.match(await show(mx("x.test"), routing(text, named)), /^a\.test\/2001:db8::1:25 /);
});

test("route: what no address of ours reaches is told, and never tried from another", async () => {
  const world = routing("x.test MX 1 a.test\na.test AAAA 2001:db8::1");
  const route = await routeTo(mx("x.test", FOUR), world);
  assert.match(route.ok ? "" : route.error.lines.join(" "), /no mail host with an IPv4 address/);
  assert.equal(await show(mx("[ipv6:2001:db8::7]", FOUR), world), "550 5.4.4 no-address");
  assert.equal(await show(hop("192.0.2.5", SIX), world), "451 4.3.5 bad-next-hop");
  assert.equal(await show(hop("localhost", FOUR), world), "localhost/127.0.0.1:587");
});

test("route: only addresses of the family we connect from", async () => {
  const text = "x.test MX 1 a.test\na.test A 192.0.2.1\na.test AAAA 2001:db8::1";
  assert.equal(await show(mx("x.test", FOUR), routing(text)), "a.test/192.0.2.1:25");
  assert.equal(await show(mx("x.test", SIX), routing(text)), "a.test/2001:db8::1:25");
  const both = await show(mx("x.test", { ...FOUR, ...SIX }), routing(text));
  assert.equal(both, "a.test/2001:db8::1:25 a.test/192.0.2.1:25");
});

test("route: random among equals, every order comes", async () => {
  const text = "x.test MX 5 a.test\nx.test MX 5 b.test\na.test A 192.0.2.1\nb.test A 192.0.2.2";
  const orders = new Set<string>();
  for (const value of [0, 0.999])
    orders.add(await show(mx("x.test"), routing(text, { random: () => value })));
  assert.deepEqual([...orders].sort(), [
    "a.test/192.0.2.1:25 b.test/192.0.2.2:25",
    "b.test/192.0.2.2:25 a.test/192.0.2.1:25",
  ]);
});

test("route: ten mail hosts and twenty addresses are looked at", async () => {
  const lines: string[] = [];
  for (let i = 0; i < 30; i++) {
    lines.push(`x.test MX ${i} h${i}.test`);
    for (let j = 0; j < 12; j++) lines.push(`h${i}.test A 203.0.${i}.${j}`);
  }
  const asked = new Set<string>();
  const dns = zone(lines.join("\n"));
  const counting: Dns = {
    query: (name, type, signal) => {
      asked.add(name);
      return dns.query(name, type, signal);
    },
  };
  const hosts = (await show(mx("x.test"), routing("", { dns: counting }))).split(" ");
  assert.equal(hosts.length, 20);
  assert.equal(new Set(hosts.map((host) => host.split("/")[0])).size, 3, "eight of each host");
  assert.equal(asked.size, 11);
});

// RFC 7672 §2.2: DANE is asked for only where every step to the host is proved.
const proofs = [
  { name: "MX and address", proved: ["x.test MX", "a.test A"], want: [true] },
  { name: "MX and one family", proved: ["x.test MX", "a.test AAAA"], want: [true, true], ipv6: true },
  { name: "MX alone", proved: ["x.test MX"], want: [false] },
  { name: "address alone", proved: ["a.test A"], want: [false] },
  { name: "nothing", proved: [], want: [false] },
];
for (const { name, proved, want, ipv6 = false } of proofs) {
  test(`route: authenticated by ${name}: ${want.join(" ")}`, async () => {
    const lines = ["x.test MX 10 a.test", "a.test A 192.0.2.1", ...(ipv6 ? ["a.test AAAA 2001:db8::1"] : [])];
    const route = await routeTo(mx("x.test"), routing("", { dns: proving(zone(lines.join("\n")), proved) }));
    assert.deepEqual(route.ok && route.value.map(({ authenticated }) => authenticated), want);
  });
}

test("route: without MX the proof that there is none counts, and the address", async () => {
  for (const proved of [["x.test MX", "x.test A"], ["x.test MX"], ["x.test A"]]) {
    const route = await routeTo(
      mx("x.test"),
      routing("", { dns: proving(zone("x.test A 192.0.2.1"), proved) }),
    );
    assert.equal(route.ok && route.value[0]?.authenticated, proved.length === 2);
  }
});

test("route: a next hop and a literal are never asked for DANE", async () => {
  const dns = proving(zone("smart.test A 192.0.2.5"), ["smart.test A"]);
  for (const destination of [hop("smart.test"), hop("192.0.2.5"), hop("/run/lmtp.sock"), mx("[192.0.2.7]")]) {
    const route = await routeTo(destination, routing("", { dns }));
    assert.equal(route.ok && route.value[0]?.authenticated, false);
  }
});

/** The answers named, `name TYPE`, are authenticated. */
function proving(dns: Dns, proved: readonly string[]): Dns {
  return {
    query: async (name, type, signal) => {
      const answer = await dns.query(name, type, signal);
      if (answer.kind === "failure") return answer;
      return { ...answer, authenticated: proved.includes(`${name} ${type}`) };
    },
  };
}
