import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { wrap } from "./wrap.ts";

const LONG = "word ".repeat(30).trim();
const COMMAND = `wachpost access add clients 2001:db8::25 OK --reason "…" ${"x".repeat(40)}`;

for (const { name, input, want } of [
  { name: "what fits stays", input: "Delivered.", want: ["Delivered."] },
  { name: "exactly 80", input: "x".repeat(80), want: ["x".repeat(80)] },
  {
    name: "broken at a space, the rest deeper",
    input: `  Why: ${LONG}`,
    want: [`  Why: ${"word ".repeat(14).trim()}`, `      ${"word ".repeat(15).trim()}`, "      word"],
  },
  { name: "a word longer than a line", input: "y".repeat(200), want: ["y".repeat(200)] },
  {
    name: "a command moves, whole",
    input: `  Exception: ${COMMAND}`,
    want: ["  Exception:", `      ${COMMAND}`],
  },
  {
    name: "code in a sentence is not split",
    input: `${"word ".repeat(14)}\`wachpost access list bans\` ends.`,
    want: ["word ".repeat(14).trim(), "    `wachpost access list bans` ends."],
  },
]) {
  test(`wrap: ${name}`, () => {
    assert.deepEqual(wrap([input]), want);
  });
}

test("wrap: quoted text is broken like any other", () => {
  assert.ok(wrap([`Mail was refused: “550 x: wachpost ${LONG}”.`]).every((line) => line.length <= 80));
});

test("wrap: a wider terminal is used, a narrower one is not", () => {
  assert.equal(wrap([LONG], 200).length, 1);
  assert.deepEqual(wrap([LONG], 40), wrap([LONG], 80));
});

test("wrap: nothing is lost or added, and lines are long only where a word is", () => {
  const words = fc.array(fc.stringMatching(/^[a-zäß€]{1,90}$/u), { minLength: 1, maxLength: 40 });
  fc.assert(
    fc.property(words, fc.integer({ min: 0, max: 160 }), (parts, columns) => {
      const lines = wrap([parts.join(" ")], columns);
      assert.equal(lines.map((line) => line.trim()).join(" "), parts.join(" "));
      const most = Math.max(80, columns);
      assert.ok(lines.every((line) => Array.from(line).length <= most || !line.trim().includes(" ")));
    }),
  );
});
