import assert from "node:assert/strict";
import { test } from "node:test";
import { envelopeText, foldCase, holds, sentDay } from "./search-text.ts";

const dates: readonly { input: string | undefined; want: string | undefined }[] = [
  { input: "Fri, 21 Nov 1997 23:59:59 -0600", want: "1997-11-21" },
  { input: "1 Jan 2026 00:00:00 +1400", want: "2026-01-01" },
  { input: "21 Nov 97 09:55:06 GMT", want: "1997-11-21" },
  { input: "32 Nov 2020 00:00:00 +0000", want: undefined },
  { input: "yesterday", want: undefined },
  { input: undefined, want: undefined },
];
for (const { input, want } of dates) {
  test(`sent on: ${input}`, () => assert.equal(sentDay(input === undefined ? {} : { date: input }), want));
}

const folds: readonly { a: string; b: string }[] = [
  { a: "GRÖSSE", b: "grösse" },
  { a: "Gro\u0308sse", b: "grösse" },
  { a: "ΟΔΟΣ", b: "οδοσ" },
  { a: "ПРИВЕТ", b: "привет" },
];
for (const { a, b } of folds)
  test(`${a} and ${b} are the same`, () => assert.equal(foldCase(a), foldCase(b)));

test("addresses read as people write them", () => {
  const from = [
    { name: null, mailbox: "=?utf-8?q?Tea=6D?=", host: null },
    { name: "=?iso-8859-1?Q?J=F6rg?=", mailbox: "Joerg", host: "Example.org" },
    { name: null, mailbox: "b", host: "c.test" },
    { name: null, mailbox: null, host: null },
  ];
  assert.equal(envelopeText({ from }, "from"), "team:, jörg <joerg@example.org>, <b@c.test>, ");
  assert.equal(envelopeText({ from }, "to"), undefined);
});

test("a long text is found as the engine would find it", () => {
  const letters = (seed: number, length: number): string =>
    Array.from({ length }, (_, i) => ((seed * (i + 3) * (i + 7)) % 11 < 9 ? "a" : "b")).join("");
  for (let seed = 1; seed < 200; seed++) {
    const text = letters(seed, 400);
    for (const needle of [text.slice(seed, seed + 40), letters(seed + 1, 34), `${text}a`, text])
      assert.equal(holds(text, needle), text.includes(needle), needle);
  }
});

test("what is hard to look for does not stop the server", () => {
  // The engine's own search takes minutes for this one.
  const text = "a".repeat(4_000_000);
  assert.equal(holds(text, `ab${"a".repeat(100_000)}`), false);
});
