import assert from "node:assert/strict";
import { test } from "node:test";
import { foldKey } from "./entry.ts";

const KEYS: readonly (readonly [name: string, text: string, want: string | undefined])[] = [
  ["an id", "0bcd9fgh1jkl", "0bcd9fgh1jkl"],
  ["an address", "some.one+tag@example.org", "some.one+tag@example.org"],
  ["capitals", "Some.One@Example.ORG", "some.one@example.org"],
  ["brackets and white space", " <Some@example.org> ", "some@example.org"],
  ["IPv4", "192.0.2.1", "192.0.2.1"],
  ["IPv4 in IPv6", "::ffff:192.0.2.1", "192.0.2.1"],
  ["IPv6 in another spelling", "2001:DB8:0:0::1", "2001:db8::1"],
  ["an address that begins like one of a machine", "192.0.2.1@example.org", "192.0.2.1@example.org"],
  ["nothing", " ", undefined],
  ["a line end behind it", "abc\n", "abc"],
  ["as long as may be", `${"a".repeat(64)}@${"b".repeat(255)}`, `${"a".repeat(64)}@${"b".repeat(255)}`],
  ["longer", "a".repeat(321), undefined],
];

for (const [name, text, want] of KEYS) void test(`key: ${name}`, () => assert.equal(foldKey(text), want));
