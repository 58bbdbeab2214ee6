import assert from "node:assert/strict";
import { test } from "node:test";
import { destinationFor, domainOf, type Transport } from "./transport.ts";

const next = (match: string, host: string): Transport => ({
  match,
  kind: "smtp",
  host,
  port: 587,
  tls: "verify",
});
const transports: readonly Transport[] = [
  { match: "direct.example", kind: "direct" },
  next("example.org", "exact.test"),
  next(".example.org", "below.test"),
  next("Upper.Example", "upper.test"),
  next("*", "smarthost.test"),
];

const cases = [
  { name: "exact name", domain: "example.org", want: "exact.test" },
  { name: "subdomain", domain: "a.b.example.org", want: "below.test" },
  { name: "no subdomain, only the same ending", domain: "notexample.org", want: "smarthost.test" },
  { name: "pattern without case", domain: "upper.example", want: "upper.test" },
  { name: "everything else", domain: "elsewhere.test", want: "smarthost.test" },
  { name: "literals are everything else", domain: "[192.0.2.1]", want: "smarthost.test" },
  { name: "exception before the wildcard", domain: "direct.example", want: "mx direct.example" },
];
for (const { name, domain, want } of cases) {
  test(`transport: ${name}`, () => {
    const destination = destinationFor(domain, transports);
    const shown = destination.kind === "mx" ? `mx ${destination.domain}` : destination.nextHop.host;
    assert.equal(shown, want);
  });
}

test("without transports the MX decides; domains behind one next hop are one destination", () => {
  assert.deepEqual(destinationFor("example.org", []), {
    kind: "mx",
    key: "example.org",
    domain: "example.org",
  });
  assert.equal(destinationFor("x.test", transports).key, destinationFor("y.test", transports).key);
  assert.notEqual(destinationFor("x.test", transports).key, destinationFor("example.org", transports).key);
});

test("addresses to come from: those of the entry before the usual ones, and part of what a connection is kept under", () => {
  const [one, two] = [{ ipv4: "192.0.2.1" }, { ipv4: "192.0.2.2", ipv6: "2001:db8::2" }];
  const smart = next("*", "smarthost.test");
  const table: readonly Transport[] = [
    { match: "a.test", kind: "direct", source: two },
    { ...next("b.test", "smarthost.test"), source: two },
    { ...next("c.test", "smarthost.test"), source: one },
    smart,
  ];
  const to = (domain: string) => destinationFor(domain, table, one);
  assert.deepEqual(
    ["a.test", "b.test", "c.test", "d.test"].map((domain) => to(domain).source),
    [two, two, one, one],
  );
  assert.notEqual(to("b.test").key, to("c.test").key, "never over a connection from another address");
  assert.equal(to("c.test").key, to("d.test").key);
  assert.equal(destinationFor("d.test", [smart]).source, undefined);
});

test("the domain is what follows the last @, as the DNS knows it", () => {
  assert.deepEqual(["a@Example.ORG", '"a@b"@c.test', "a@[IPv6:::1]", "a@Bücher.test"].map(domainOf), [
    "example.org",
    "c.test",
    "[ipv6:::1]",
    "xn--bcher-kva.test",
  ]);
});
