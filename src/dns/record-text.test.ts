import assert from "node:assert/strict";
import { test } from "node:test";
import type { RecordType } from "./answer.ts";
import { decodeData } from "./record-data.ts";
import { encodeData } from "./record-text.ts";

const CASES: readonly (readonly [type: RecordType, text: string, want: unknown])[] = [
  ["A", "192.0.2.1", "192.0.2.1"],
  ["AAAA", "2001:db8::1", "2001:db8::1"],
  ["MX", "10 mail.example.org.", { preference: 10, exchange: "mail.example.org" }],
  ["MX", "0 .", { preference: 0, exchange: "" }],
  ["TXT", '"a" "b\\"c"', 'ab"c'],
  ["CAA", '128 iodef "mailto:a@example.org"', { flags: 128, tag: "iodef", value: "mailto:a@example.org" }],
  ["PTR", "mail.example.org", "mail.example.org"],
];
for (const [type, text, want] of CASES)
  test(`${type} ${text}`, () => {
    const octets = encodeData(type, text) ?? assert.fail("not encoded");
    assert.deepEqual(decodeData(type, octets, 0, octets.length), want);
  });

const WRONG: readonly (readonly [type: RecordType, text: string])[] = [
  ["A", "2001:db8::1"],
  ["A", "192.0.2"],
  ["AAAA", "192.0.2.1"],
  ["MX", "mail.example.org."],
  ["MX", "70000 mail.example.org."],
  ["MX", "10 a..b."],
  ["TXT", "unquoted"],
  ["TXT", `"${"a".repeat(256)}"`],
  ["TXT", '"a" b'],
  ["SRV", "0 1 993"],
  ["CAA", "0 issue letsencrypt.org"],
  ["TLSA", "3 1 1 0"],
  ["SOA", "ns.example.org. root.example.org. 1 2 3 4 5"],
];
for (const [type, text] of WRONG)
  test(`not ${type}: ${text.slice(0, 40)}`, () => assert.equal(encodeData(type, text), undefined));
