import assert from "node:assert/strict";
import { test } from "node:test";
import { POLICY_LIMITS } from "./limits.ts";
import { linkLabels, linkText, registeredDomain } from "./link-names.ts";

const CASES: readonly (readonly [host: string, zone: string, labels: string | undefined])[] = [
  ["www.a.example.com", "dbl.spamhaus.org", "www.a.example.com"],
  ["www.a.example.com", "multi.surbl.org", "example.com"],
  ["www.example.co.uk", "multi.uribl.com", "example.co.uk"],
  ["example.com.br", "multi.surbl.org", "example.com.br"],
  ["co.uk", "multi.surbl.org", "co.uk"],
  ["www.example.com", "unknown.example", "example.com"],
  ["192.0.2.1", "multi.surbl.org", "1.2.0.192"],
  // DBL answers 127.0.1.255 to addresses, and wants none.
  ["192.0.2.1", "dbl.spamhaus.org", undefined],
  ["192.0.2.1", "unknown.example", undefined],
  ["2001:db8::1", "multi.surbl.org", undefined],
];

for (const [host, zone, labels] of CASES)
  test(`${zone} is asked about a link to ${host} as ${labels ?? "nothing"}`, () =>
    assert.equal(linkLabels(host, zone), labels));

test("hosts of one domain do not crowd the others out, and of many the first and the last are asked about", () => {
  const crowd = Array.from({ length: 50 }, (_, i) => `h${i}.example.com`);
  assert.equal(
    linkText([...crowd, "evil.example"]),
    "h0.example.com h1.example.com h2.example.com evil.example",
  );
  const many = Array.from({ length: 50 }, (_, i) => `d${i}.example`);
  const kept = linkText(many).split(" ");
  assert.deepEqual(
    [kept.length, kept[0], kept.at(-1)],
    [POLICY_LIMITS.linkHostsMax, "d0.example", "d49.example"],
  );
});

test("the text stays one the journal keeps whole", () => {
  const long = Array.from({ length: 20 }, (_, i) => `${"x".repeat(63)}.${"y".repeat(63)}.d${i}.example`);
  assert.ok(linkText(long).length <= POLICY_LIMITS.linkHostsTextMax);
  assert.equal(registeredDomain("example"), "example");
});
