import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { canonicalLogin, foldLocalPart, parseLogin } from "./login-name.ts";

const numRuns = Number(process.env["FUZZ_RUNS"] ?? 2_000);
const anything = fc.string({ unit: "binary", maxLength: 80 });

const table = [
  { name: "case", input: "Anna@Example.ORG", want: "anna@example.org" },
  { name: "trailing dot", input: "anna@example.org.", want: "anna@example.org" },
  { name: "U-label", input: "anna@BÜCHER.example", want: "anna@xn--bcher-kva.example" },
  { name: "NFD", input: "gru\u0308n@example.org", want: "gr\u00fcn@example.org" },
  { name: "two @", input: "a@b@example.org", want: "a@b@example.org" },
  { name: "no domain", input: "Anna", want: "anna" },
  { name: "a domain that is none", input: "Anna@-.x", want: "anna@-.x" },
];
for (const { name, input, want } of table) {
  test(`canonical: ${name}`, () => assert.equal(canonicalLogin(input), want));
}

test("canonical once is canonical for good", () => {
  fc.assert(
    fc.property(anything, fc.constantFrom("", "@example.org", "@Bücher.example"), (text, domain) => {
      const once = canonicalLogin(text + domain);
      assert.equal(canonicalLogin(once), once);
      assert.equal(foldLocalPart(foldLocalPart(text)), foldLocalPart(text));
    }),
    { numRuns, seed: 5321 },
  );
});

test("a name that can be given is found again as it was typed", () => {
  fc.assert(
    fc.property(anything, (text) => {
      const mailbox = parseLogin(`${text}@example.org`);
      if (mailbox === undefined) return;
      assert.equal(canonicalLogin(`${text}@example.org`), `${mailbox.localPart}@${mailbox.domain}`);
      assert.ok(!/[\s@"+*<>]/.test(mailbox.localPart));
    }),
    { numRuns, seed: 6531 },
  );
});

test("every code point folds for good", () => {
  for (let code = 0; code <= 0x1_ffff; code++) {
    const point = String.fromCodePoint(code);
    if (foldLocalPart(foldLocalPart(point)) !== foldLocalPart(point)) assert.fail(`U+${code.toString(16)}`);
  }
});
