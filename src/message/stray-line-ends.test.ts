import assert from "node:assert/strict";
import { test } from "node:test";
import { withoutStrayLineEnds } from "./stray-line-ends.ts";

const cases: readonly { readonly name: string; readonly input: string; readonly want: string }[] = [
  { name: "nothing to do", input: "a\r\n.\r\nb\r\n", want: "a\r\n.\r\nb\r\n" },
  { name: "LF alone", input: "a\n.\nb\r\n", want: "a . b\r\n" },
  { name: "CR alone, also before CRLF", input: "a\r.\r\r\nb\r", want: "a . \r\nb " },
  { name: "LF CR", input: "\n\r", want: "  " },
  { name: "empty", input: "", want: "" },
];
for (const { name, input, want } of cases) {
  test(`stray line ends: ${name}`, () => {
    const octets = Buffer.from(input);
    const out = withoutStrayLineEnds(octets);
    assert.equal(out.toString(), want);
    assert.equal(octets.toString(), input, "the argument is left alone");
    if (input === want) assert.equal(out, octets);
  });
}
