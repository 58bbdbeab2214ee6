import assert from "node:assert/strict";
import { test } from "node:test";
import { processorTime_ms } from "../../test/simulate/processor-time.ts";
import {
  decodeBase64,
  decodeQuotedPrintable,
  decodeTransfer,
  encodeBase64,
  encodeQuotedPrintable,
} from "./transfer-encoding.ts";

const quoted: readonly { name: string; input: string; want: string }[] = [
  {
    name: "RFC 2045 §6.7",
    input: "Now's the time =\r\nfor all folk to come=\r\n to the aid of their country.",
    want: "Now's the time for all folk to come to the aid of their country.",
  },
  { name: "codes in both cases", input: "=C3=bc=3D", want: "Ã¼=" },
  { name: "white space before a line end goes", input: "a \t\r\nb\t\n", want: "a\r\nb\n" },
  { name: "white space before a soft break stays", input: "a =\r\nb", want: "a b" },
  { name: "white space after the soft break's equals", input: "a= \t\r\nb", want: "ab" },
  { name: "encoded space at the end of a line", input: "a=20\r\n", want: "a \r\n" },
  { name: "soft break with LF, with CR", input: "a=\nb=\rc", want: "abc" },
  { name: "equals at the end", input: "last=", want: "last" },
  { name: "not a code", input: "a=XYb=4", want: "a=XYb=4" },
  { name: "white space at the very end", input: "a  ", want: "a" },
];

for (const { name, input, want } of quoted) {
  test(`quoted-printable: ${name}`, () => {
    assert.equal(decodeQuotedPrintable(Buffer.from(input, "latin1")).toString("latin1"), want);
  });
}

const base64: readonly { name: string; input: string; want: string }[] = [
  { name: "plain", input: "SGVsbG8=", want: "Hello" },
  { name: "lines and junk", input: "SG\r\nVs!!bG\t8=\r\n", want: "Hello" },
  { name: "no padding", input: "SGVsbG8", want: "Hello" },
  { name: "padding in the middle", input: "SGVsbG8=\r\nd29ybGQ=\r\n", want: "Helloworld" },
  { name: "only padding", input: "=".repeat(50), want: "" },
  { name: "one character too many", input: "SGVsbG8hA", want: "Hello!" },
  { name: "empty", input: "", want: "" },
];

for (const { name, input, want } of base64) {
  test(`base64: ${name}`, () => assert.equal(decodeBase64(Buffer.from(input)).toString("latin1"), want));
}

test("decodeTransfer knows five encodings", () => {
  const octets = Buffer.from("=41");
  for (const encoding of ["7bit", "8bit", "binary"])
    assert.deepEqual(decodeTransfer(octets, encoding), octets);
  assert.equal(decodeTransfer(octets, "quoted-printable")?.toString(), "A");
  assert.equal(decodeTransfer(Buffer.from("QQ=="), "base64")?.toString(), "A");
  assert.equal(decodeTransfer(octets, "x-uuencode"), undefined);
});

test("encoded lines are short, and safe at their start", () => {
  const text = `From here\n.dot\nend \n${"ü".repeat(100)}\r\nlast\t`;
  const encoded = encodeQuotedPrintable(text);
  assert.ok(
    encoded
      .split("\r\n")
      .every((line) => line.length <= 76 && !/[ \t]$/.test(line) && !/^(?:From |\.)/.test(line)),
  );
  assert.equal(decodeQuotedPrintable(Buffer.from(encoded)).toString(), text.replace(/\r?\n/g, "\r\n"));
  const octets = Buffer.alloc(1_000, 0xfe);
  assert.ok(
    encodeBase64(octets)
      .split("\r\n")
      .every((line) => line.length <= 76),
  );
  assert.deepEqual(decodeBase64(Buffer.from(encodeBase64(octets))), octets);
});

test("10 MB of anything decodes in linear time", () => {
  for (const piece of ["=", "= ", "A=", " ", "=\r\n", "A\r\n", "=41"]) {
    const octets = Buffer.alloc(1e7, piece);
    const took_ms = processorTime_ms(() => {
      decodeBase64(octets);
      decodeQuotedPrintable(octets);
    });
    assert.ok(took_ms < 3_000, JSON.stringify(piece));
  }
});
