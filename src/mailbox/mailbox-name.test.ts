import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { canonicalName, checkNewName, parentNames } from "./mailbox-name.ts";

const allowed: readonly { input: string; want: string }[] = [
  { input: "Work", want: "Work" },
  { input: "inbox", want: "INBOX" },
  { input: "iNbOx/Sub", want: "INBOX/Sub" },
  { input: "Work/inbox", want: "Work/inbox" },
  { input: "Work/", want: "Work" },
  { input: "Entwu\u0308rfe", want: "Entwürfe" },
  { input: "a..b/.c", want: "a..b/.c" },
  { input: "100%", want: "100%" },
  { input: "a".repeat(255), want: "a".repeat(255) },
];
for (const { input, want } of allowed) {
  test(`may be created: ${input.slice(0, 20)}`, () =>
    assert.deepEqual(checkNewName(input), { ok: true, value: want }));
}

const refused: readonly { name: string; input: string }[] = [
  { name: "empty", input: "" },
  { name: "separator alone", input: "/" },
  { name: "leading separator", input: "/a" },
  { name: "empty level", input: "a//b" },
  { name: "two final separators", input: "a//" },
  { name: "parent directory", input: "a/../b" },
  { name: "this directory", input: "./a" },
  { name: "dots alone", input: ".." },
  { name: "control", input: "a\tb" },
  { name: "NUL", input: "a\0" },
  { name: "C1 control", input: "a\u0085b" },
  { name: "direction override", input: "a\u202eb" },
  { name: "half a surrogate pair", input: "a\ud800" },
  { name: "256 octets", input: "a".repeat(256) },
  { name: "256 octets in fewer characters", input: "ä".repeat(128) },
  { name: "too deep", input: Array(33).fill("a").join("/") },
];
for (const { name, input } of refused) {
  test(`CANNOT: ${name}`, () => {
    const checked = checkNewName(input);
    assert.equal(checked.ok ? checked.value : checked.error.code, "CANNOT");
  });
}

test("a canonical name is its own canonical name", () => {
  fc.assert(
    fc.property(fc.string({ unit: "grapheme", maxLength: 40 }), (name) => {
      const checked = checkNewName(name);
      assert.equal(canonicalName(canonicalName(name)), canonicalName(name));
      if (checked.ok) assert.deepEqual(checkNewName(checked.value), checked);
    }),
    { seed: 3, numRuns: Number(process.env.FUZZ_RUNS ?? 500) },
  );
});

test("parents", () => assert.deepEqual(parentNames("a/b/c"), ["a", "a/b"]));
