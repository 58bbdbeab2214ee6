import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { SPF_LIMITS } from "./limits.ts";
import { isSpfRecord, parseSpfRecord } from "./parse.ts";

const MALFORMED = new URL("../../../test/corpora/spf/malformed.json", import.meta.url);

test("a term that breaks the grammar is named", () => {
  for (const [record, term] of JSON.parse(readFileSync(MALFORMED, "utf8")) as [string, string][]) {
    const parsed = parseSpfRecord(record);
    assert.ok(!parsed.ok, `${JSON.stringify(record)} was accepted`);
    assert.equal(parsed.error.term, term);
  }
});

test("records are told from other texts by the version (RFC 7208 §4.5)", () => {
  const table: [string, boolean][] = [
    ["v=spf1", true],
    ["V=SpF1 -all", true],
    ["v=spf1 ", true],
    ["v=spf10", false],
    ["v=spf1\t-all", false],
    [" v=spf1 -all", false],
    ["spf2.0/pra -all", false],
    ["", false],
  ];
  for (const [text, want] of table) assert.equal(isSpfRecord(text), want, text);
});

test("terms are read as written", () => {
  const parsed = parseSpfRecord(
    "v=spf1 A/24//64 ~mx:%{d2}/20 ?ptr -ip6:2001:DB8::/32 x.y=%{c} exp=e.example. +aLL",
  );
  assert.ok(parsed.ok);
  const { directives, explanation, redirect } = parsed.value;
  assert.deepEqual(
    directives.map(({ kind, qualifier, text }) => [kind, qualifier, text]),
    [
      ["a", "pass", "A/24//64"],
      ["mx", "softfail", "~mx:%{d2}/20"],
      ["ptr", "neutral", "?ptr"],
      ["ip", "fail", "-ip6:2001:DB8::/32"],
      ["all", "pass", "+aLL"],
    ],
  );
  assert.deepEqual(directives[0], {
    kind: "a",
    qualifier: "pass",
    text: "A/24//64",
    ipv4_bits: 24,
    ipv6_bits: 64,
  });
  assert.deepEqual(explanation, ["e.example."]);
  assert.equal(redirect, undefined);
});

test("64 KB of terms is no record", () => {
  assert.ok(!parseSpfRecord(`v=spf1 ${"ip4:192.0.2.1 ".repeat(4_800)}-all`).ok);
  const fits = `v=spf1 ${"a ".repeat(SPF_LIMITS.recordOctetsMax / 2 - 8)}`;
  assert.ok(parseSpfRecord(fits).ok);
});
